import type { Kysely } from 'kysely';
import type { AuditEntry } from '../contracts/audit.js';
import type { PolicyStore, StoredPolicy } from '../contracts/read-model.js';
import { enter } from './audit.js';
import { storable } from './column-values.js';
import type { Tables } from './tables.js';
import { reaching } from './unavailable.js';

/** Published policies in PostgreSQL; every publication is kept, and the newest one is in force. */
export class StoredPolicies implements PolicyStore {
  readonly #db: Kysely<Tables>;
  readonly #now: () => number;

  constructor(db: Kysely<Tables>, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  current(): Promise<StoredPolicy | undefined> {
    return reaching(() =>
      this.#db
        .selectFrom('publications')
        .innerJoin('policies', 'policies.hash', 'publications.hash')
        .select(['policies.hash', 'policies.source', 'policies.policy'])
        .orderBy('publications.seq', 'desc')
        .limit(1)
        .executeTakeFirst(),
    );
  }

  byHash(hash: string): Promise<StoredPolicy | undefined> {
    return reaching(() =>
      this.#db
        .selectFrom('policies')
        .select(['hash', 'source', 'policy'])
        .where('hash', '=', storable(hash))
        .executeTakeFirst(),
    );
  }

  /**
   * The compiled form is written anew each time: the same source compiles differently under newer holidays or zones. That
   * write also makes two processes that publish the same policy at once take turns, so that it is one publication.
   */
  publish({ hash, source, policy }: StoredPolicy, entry?: AuditEntry): Promise<void> {
    return reaching(() =>
      this.#db.transaction().execute(async (trx) => {
        const json = JSON.stringify(policy);
        await trx
          .insertInto('policies')
          .values({ hash, source, policy: json, stored_real_ms: this.#now() })
          .onConflict((conflict) => conflict.column('hash').doUpdateSet({ source, policy: json }))
          .execute();
        const latest = await trx
          .selectFrom('publications')
          .select('hash')
          .orderBy('seq', 'desc')
          .limit(1)
          .executeTakeFirst();
        if (latest?.hash === hash) return;
        await trx.insertInto('publications').values({ hash, published_real_ms: this.#now() }).execute();
        if (entry) await enter(trx, entry);
      }),
    );
  }

  /** Newest first. */
  history(limit: number): Promise<readonly { hash: string; publishedAt: number }[]> {
    return reaching(async () => {
      const rows = await this.#db
        .selectFrom('publications')
        .selectAll()
        .orderBy('seq', 'desc')
        .limit(Math.max(1, limit))
        .execute();
      return rows.map(({ hash, published_real_ms }) => ({ hash, publishedAt: published_real_ms }));
    });
  }
}
