import { type Kysely, sql } from 'kysely';
import type { Observer } from '../contracts/observer.js';
import type { Tables } from './tables.js';

const FLUSH_MS = 250;

/**
 * Counts repeats on the row they repeat, a quarter second's worth at a time and out of the way of the answer. A count
 * that cannot be written is dropped: it is for people to look at.
 */
export class RepeatCount {
  #counts = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  readonly #db: Kysely<Tables>;
  readonly #observer: Observer;

  constructor(db: Kysely<Tables>, observer: Observer) {
    this.#db = db;
    this.#observer = observer;
  }

  add(seq: string): void {
    this.#counts.set(seq, (this.#counts.get(seq) ?? 0) + 1);
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }

  /** Never throws. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const counts = this.#counts;
    if (counts.size === 0) return;
    this.#counts = new Map();
    try {
      await sql`
        update inbox set duplicates = duplicates + c.times
        from unnest(${[...counts.keys()]}::bigint[], ${[...counts.values()]}::int[]) as c (seq, times)
        where inbox.seq = c.seq`.execute(this.#db);
    } catch (error) {
      this.#observer.log('warn', 'Repeats could not be counted on their rows.', {
        repeats: counts.size,
        error: String(error),
      });
    }
  }
}
