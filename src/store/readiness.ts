import type pg from 'pg';
import type { Connections } from './connections.js';
import { isMigrated } from './migrate.js';
import { tryWriting } from './try-writing.js';

export type Ready = { readonly ready: true } | { readonly ready: false; readonly why: string };

/** A commit of events tells for so long, ms, all that a look would: while events come, none of them waits for a look. */
const PROVES_MS = 1_000;

/**
 * Whether events can be written now. It is looked at over the connection that writes them: that one answers however busy
 * the API keeps the others, and where it cannot be had no event is taken either.
 */
export class StoreReadiness {
  readonly #connections: Pick<Connections, 'accepting' | 'db'>;
  readonly #serverId: string;
  #isMigrated = false;
  #lastFailed = false;
  #provenAt = Number.NEGATIVE_INFINITY;
  #underWay: Promise<Ready> | undefined;

  constructor(connections: Pick<Connections, 'accepting' | 'db'>, serverId: string) {
    this.#connections = connections;
    this.#serverId = serverId;
    // Also where it broke while nobody had it.
    connections.accepting.on('remove', () => {
      this.#provenAt = Number.NEGATIVE_INFINITY;
    });
  }

  /** How the last commit of events, or look, ended. The pool does not tell: it also lets go of what nobody came to use. */
  tried(succeeded: boolean): void {
    this.#lastFailed = !succeeded;
    this.#provenAt = succeeded ? performance.now() : Number.NEGATIVE_INFINITY;
  }

  /** One look at a time, for all who ask meanwhile. Never rejects. */
  async look(): Promise<Ready> {
    if (performance.now() - this.#provenAt < PROVES_MS) return { ready: true };
    this.#underWay ??= this.#look().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #look(): Promise<Ready> {
    try {
      const why = await this.#why();
      return why === null ? { ready: true } : { ready: false, why };
    } catch (error) {
      return { ready: false, why: `The store does not answer: ${messageOf(error)}` };
    }
  }

  async #why(): Promise<string | null> {
    const { accepting, db } = this.#connections;
    // Tables that were made stay: once they are there the general connections, which the API may fill, are asked no more.
    this.#isMigrated ||= await isMigrated(db);
    if (!this.#isMigrated) return 'The store has not been migrated yet: run `slipway migrate`.';
    const client = await accepting.connect();
    let isGood = false;
    try {
      const why = await this.#problem(client);
      isGood = why === null;
      return why;
    } finally {
      // One that leads to a server which takes no writes any more is not kept: after a failover the next leads elsewhere.
      client.release(!isGood);
      this.tried(isGood);
    }
  }

  /**
   * After a failure it is not enough that the store answers: without room on its disk it still reads, and a server that was
   * ready again for it would be sent the next events to refuse. Nor can it wait for them, since an unready server gets none.
   */
  async #problem(client: pg.PoolClient): Promise<string | null> {
    const { rows } = await client.query<{ read_only: string }>(
      `select current_setting('transaction_read_only') as read_only`,
    );
    if (rows[0]?.read_only !== 'off') return 'The store is read-only.';
    if (!this.#lastFailed) return null;
    return tryWriting(client, this.#serverId).then(
      () => null,
      (error: unknown) => `The store takes no events: ${messageOf(error)}`,
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
