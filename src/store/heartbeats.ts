import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.js';

/** A server not seen for this long has lost its leases; real ms, on the database's clock. */
export const LEASE_MS = 30_000;

/** A silence that ends a span of hearing: above it the machine slept or the store was away. Real ms. */
const SPAN_ENDS_MS = 120_000;

/** One server's sign of life: it keeps the leases of its rows and says that its edge listener can be reached. */
export class Heartbeat {
  #span: { readonly id: number; readonly lastAt: number } | undefined;
  readonly #db: Kysely<Tables>;
  readonly #serverId: string;
  readonly #now: () => number;

  constructor(db: Kysely<Tables>, serverId: string, now: () => number) {
    this.#db = db;
    this.#serverId = serverId;
    this.#now = now;
  }

  async beat(): Promise<void> {
    await sql`
      insert into servers (server_id) values (${this.#serverId})
      on conflict (server_id) do update set last_seen_at = clock_timestamp()`.execute(this.#db);
    await this.#extendSpan();
  }

  /** A span of its own after a start and after a silence, so that the silence stays visible as a gap. */
  async #extendSpan(): Promise<void> {
    const at = this.#now();
    if (this.#span && at - this.#span.lastAt <= SPAN_ENDS_MS) {
      const { id } = this.#span;
      await this.#db.updateTable('heard').set({ last_real_ms: at }).where('id', '=', id).execute();
      this.#span = { id, lastAt: at };
      return;
    }
    const { id } = await this.#db
      .insertInto('heard')
      .values({ server_id: this.#serverId, from_real_ms: at, last_real_ms: at })
      .returning('id')
      .executeTakeFirstOrThrow();
    this.#span = { id, lastAt: at };
  }
}
