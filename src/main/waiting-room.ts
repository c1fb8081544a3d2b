import { createServer } from 'node:http';
import { type Place, refused } from './edge-ports.js';

/** A port of a process that cannot serve yet: it says so, so that nobody waits for an answer and nothing is lost. */
export interface WaitingRoom {
  /** Lets the port go, for who serves there next. */
  close(): Promise<void>;
}

const ALIVE = JSON.stringify({ status: 'ok' });

/** `why`: what is waited for, in a sentence. `/healthz` answers 200, since a restart would not help. */
export async function openWaitingRoom(place: Place, why: () => string): Promise<WaitingRoom> {
  const server = createServer((request, response) => {
    request.resume();
    if (request.url === '/healthz') return void response.writeHead(200, TYPE).end(ALIVE);
    const body =
      request.url === '/readyz'
        ? { status: 'not_ready', checks: { start: why() } }
        : { error: { type: 'unavailable', code: 'starting', message: `Slipway cannot take this yet: ${why()}` } };
    response.writeHead(503, { ...TYPE, 'retry-after': '5', connection: 'close' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(refused(place, error)));
    server.listen(place.port, place.host, resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const TYPE = { 'content-type': 'application/json; charset=utf-8' };
