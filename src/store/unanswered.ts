import pg from 'pg';
import { isUnavailable } from './unavailable.js';

/** An idle connection is probed after 10 s, then once a second; its socket fails ten probes later (2 h by Linux's default). */
export const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 } as const;

/**
 * Ends the client once a statement of it was not answered within `query_timeout`. `pg` itself only stops waiting: the pool
 * would hand the connection to the next, whose statement waits its whole time behind the first, and again, until the
 * kernel gives up a peer that is gone (15 min). An ended client is dropped by its pool and refuses a rollback at once.
 */
export function endUnanswered(client: pg.Client): void {
  const ask = client.query.bind(client) as (...asked: unknown[]) => unknown;
  const asking = (...asked: unknown[]): unknown => {
    const answer = ask(...asked);
    if (answer instanceof Promise) {
      answer.catch((error: unknown) => {
        if (isUnanswered(error)) void client.end();
      });
    }
    return answer;
  };
  client.query = asking as typeof client.query;
}

/** After an error of the server's own, a `statement_timeout` too, the connection is as good as before. */
function isUnanswered(error: unknown): boolean {
  return isUnavailable(error) && !(error instanceof pg.DatabaseError);
}
