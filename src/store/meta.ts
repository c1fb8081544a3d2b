import type { Kysely } from 'kysely';
import type { Tables } from './tables.js';
import { reaching } from './unavailable.js';

/** What a store knows of itself: the clock it runs on, the Temporal server it belongs to. Values are plain JSON. */
export class Meta {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  get(key: string): Promise<unknown> {
    return reaching(async () => {
      const row = await this.#db.selectFrom('meta').select('value').where('key', '=', key).executeTakeFirst();
      return row?.value;
    });
  }

  set(key: string, value: unknown): Promise<void> {
    return reaching(async () => {
      const json = JSON.stringify(value);
      await this.#db
        .insertInto('meta')
        .values({ key, value: json })
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: json }))
        .execute();
    });
  }

  /** Stores the value unless the key has one; answers the one that stands. Of two processes that start at once, one wins. */
  keep(key: string, value: unknown): Promise<unknown> {
    return reaching(async () => {
      await this.#db
        .insertInto('meta')
        .values({ key, value: JSON.stringify(value) })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return this.get(key);
    });
  }
}
