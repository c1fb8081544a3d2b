import type { Kysely, Selectable } from 'kysely';
import type { Application, ApplicationStore, Listed, ListQuery, NewApplication } from '../../contracts/webhooks.js';
import { indexed, storable } from '../column-values.js';
import type { Tables } from '../tables.js';
import { reaching } from '../unavailable.js';
import { newId } from './ids.js';
import { listed } from './listing.js';
import { breaksReference, isTaken } from './taken.js';

type Row = Selectable<Tables['applications']>;

export class StoredApplications implements ApplicationStore {
  readonly #db: Kysely<Tables>;
  readonly #now: () => number;

  /** `now`: virtual. */
  constructor(db: Kysely<Tables>, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  find(idOrUid: string): Promise<Application | undefined> {
    const ref = indexed(idOrUid);
    return reaching(async () => {
      const row = await this.#db
        .selectFrom('applications')
        .selectAll()
        .where((is) => is.or([is('id', '=', ref), is('uid', '=', ref)]))
        .executeTakeFirst();
      return row && shown(row);
    });
  }

  create(application: NewApplication): Promise<Application | 'taken'> {
    const at = this.#now();
    return reaching(async () => {
      const row = await this.#db
        .insertInto('applications')
        .values({ id: newId('app_', at), ...columns(application), created_ms: at, updated_ms: at })
        .onConflict((on) => on.column('uid').doNothing())
        .returningAll()
        .executeTakeFirst();
      return row ? shown(row) : 'taken';
    });
  }

  update(id: string, application: NewApplication): Promise<Application | 'taken'> {
    return reaching(async () => {
      const row = await this.#db
        .updateTable('applications')
        .set({ ...columns(application), updated_ms: this.#now() })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow()
        .catch((error: unknown) => {
          if (isTaken(error, 'applications_uid_key')) return undefined;
          throw error;
        });
      return row ? shown(row) : 'taken';
    });
  }

  remove(id: string): Promise<boolean> {
    const isWanted = this.#db.selectFrom('endpoints').select('id').where('application_id', '=', id);
    return reaching(async () => {
      const gone = await this.#db
        .deleteFrom('applications')
        .where('id', '=', id)
        .where(({ not, exists }) => not(exists(isWanted)))
        .executeTakeFirst()
        .catch((error: unknown) => {
          if (breaksReference(error)) return { numDeletedRows: 0n };
          throw error;
        });
      return gone.numDeletedRows > 0n || (await this.find(id)) === undefined;
    });
  }

  list(query: ListQuery): Promise<Listed<Application>> {
    return reaching(() =>
      listed(query, {
        read: ({ beyond, direction, rows }) =>
          this.#db
            .selectFrom('applications')
            .selectAll()
            .where(beyond('seq'))
            .orderBy('seq', direction)
            .limit(rows)
            .execute(),
        seqOf: async (id) => {
          const found = this.#db.selectFrom('applications').select('seq').where('id', '=', indexed(id));
          return (await found.executeTakeFirst())?.seq;
        },
        idOf: ({ id }) => id,
        show: shown,
      }),
    );
  }
}

const columns = ({ uid, name, rateLimit, metadata }: NewApplication) => ({
  uid: uid && indexed(uid),
  name: storable(name),
  rate_limit: rateLimit,
  metadata: JSON.stringify(metadata),
});

const shown = (row: Row): Application => ({
  id: row.id,
  uid: row.uid,
  name: row.name,
  rateLimit: row.rate_limit,
  metadata: row.metadata,
  createdAt: row.created_ms,
  updatedAt: row.updated_ms,
});
