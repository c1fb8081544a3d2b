import { type Kysely, type Selectable, sql } from 'kysely';
import pg from 'pg';
import type { Rejection, RejectionLog, RejectionReason } from '../contracts/inbox.js';
import type { Observer } from '../contracts/observer.js';
import type { Page, RejectionReads } from '../contracts/read-model.js';
import { brief, storable } from './column-values.js';
import { decodeCursor, encodeCursor, pageOf, pageSize } from './cursor.js';
import type { Tables } from './tables.js';
import { isUnavailable, reaching } from './unavailable.js';

const ORDER = 'rejections';
const FLUSH_MS = 250;
/** Kept in memory while the store is away or a flood comes in. */
const MAX_BUFFERED = 1_000;
/** Kept in the store. Anyone can send what is turned away: it must never fill a disk. */
const MAX_STORED = 10_000;
const MAX_TEXT = 500;

/** What was turned away at the edge: written a quarter second's worth at a time, the newest 10,000 kept. */
export class StoredRejections implements RejectionLog, RejectionReads {
  #buffer: Rejection[] = [];
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #db: Kysely<Tables>;
  readonly #observer: Observer;

  constructor(db: Kysely<Tables>, observer: Observer) {
    this.#db = db;
    this.#observer = observer;
  }

  record(rejection: Rejection): void {
    if (this.#buffer.length >= MAX_BUFFERED) {
      this.#buffer.shift();
      this.#dropped++;
    }
    this.#buffer.push(rejection);
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }

  /** Never throws: what cannot be written now is written with the next one, as far as it fits into the buffer. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#buffer;
    if (batch.length === 0) return;
    this.#buffer = [];
    try {
      await this.#write(batch);
      if (this.#dropped > 0)
        this.#observer.log('warn', 'Rejections came faster than they could be listed.', { dropped: this.#dropped });
      this.#dropped = 0;
    } catch (error) {
      if (isUnavailable(error)) this.#keep(batch, error);
      else await this.#writeApart(batch);
    }
  }

  #keep(batch: readonly Rejection[], error: unknown): void {
    this.#buffer = [...batch, ...this.#buffer].slice(-MAX_BUFFERED);
    this.#observer.log('warn', 'Rejections could not be written yet.', {
      waiting: this.#buffer.length,
      error: String(error),
    });
  }

  /** PostgreSQL refuses one of them, and always will: kept, it would keep back all that comes after it. */
  async #writeApart(batch: readonly Rejection[]): Promise<void> {
    for (const [nth, rejection] of batch.entries()) {
      try {
        await this.#write([rejection]);
      } catch (error) {
        if (isUnavailable(error)) return this.#keep(batch.slice(nth), error);
        this.#observer.log('warn', 'A rejection cannot be listed.', { of: rejection.reason, error: named(error) });
      }
    }
  }

  /** One statement, so that nothing of a batch that failed is there already when it is written again. */
  async #write(batch: readonly Rejection[]): Promise<void> {
    await this.#db
      .with('written', (db) => db.insertInto('rejections').values(batch.map(columns)).returning('seq'))
      .deleteFrom('rejections')
      .where('seq', '<=', (from) =>
        from.selectFrom('written').select(sql<number>`max(seq) - ${MAX_STORED}::int`.as('last_to_go')),
      )
      .execute();
  }

  rejections(filter: {
    readonly reason?: string;
    readonly source?: string;
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<Page<Rejection & { readonly seq: string }>> {
    return reaching(async () => {
      const limit = pageSize(filter.limit);
      let query = this.#db.selectFrom('rejections').selectAll();
      if (filter.reason !== undefined) query = query.where('reason', '=', storable(filter.reason));
      if (filter.source !== undefined) query = query.where('source', '=', storable(filter.source));
      if (filter.cursor !== undefined)
        query = query.where('seq', '<', Number(decodeCursor(filter.cursor, ORDER, ['number'])[0]));
      const rows = await query
        .orderBy('seq', 'desc')
        .limit(limit + 1)
        .execute();
      return pageOf(rows, limit, shown, (row) => encodeCursor(ORDER, [row.seq]));
    });
  }
}

/** The message of a refusal may quote what was sent; the code of PostgreSQL says enough. */
function named(error: unknown): string {
  return error instanceof pg.DatabaseError ? `SQLSTATE ${error.code}` : String(error);
}

function columns(rejection: Rejection) {
  return {
    source: brief(rejection.source, MAX_TEXT),
    reason: rejection.reason,
    message: brief(rejection.message, MAX_TEXT),
    at_real_ms: rejection.at,
    delivery_id: rejection.deliveryId === null ? null : brief(rejection.deliveryId, MAX_TEXT),
    remote: rejection.remote === null ? null : brief(rejection.remote, MAX_TEXT),
    // A sender may declare more than a `bigint` holds.
    bytes: Math.min(rejection.bytes, Number.MAX_SAFE_INTEGER),
  };
}

function shown(row: Selectable<Tables['rejections']>): Rejection & { readonly seq: string } {
  return {
    seq: String(row.seq),
    source: row.source,
    reason: row.reason as RejectionReason,
    message: row.message,
    at: row.at_real_ms,
    deliveryId: row.delivery_id,
    remote: row.remote,
    bytes: row.bytes,
  };
}
