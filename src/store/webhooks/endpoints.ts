import { type Kysely, sql } from 'kysely';
import type {
  DeliveryCounts,
  Endpoint,
  EndpointKey,
  EndpointReport,
  EndpointSettings,
  EndpointStore,
  Listed,
  ListQuery,
} from '../../contracts/webhooks.js';
import { indexed } from '../column-values.js';
import type { Tables } from '../tables.js';
import { reaching } from '../unavailable.js';
import type { WebhookDeps } from './deps.js';
import { endpointColumns, shownEndpoint } from './endpoint-row.js';
import { newId } from './ids.js';
import { listed } from './listing.js';
import { nudge } from './nudge.js';
import type { EndpointSecrets } from './secrets.js';
import { BEGINNING, END } from './span.js';
import { breaksReference, isTaken } from './taken.js';

const UID_TAKEN = 'endpoints_application_id_uid_key';

/** Who is told. Whatever is changed of an endpoint wakes it: what its workflow shows and waits for may be another. */
export class StoredEndpoints implements EndpointStore, EndpointReport {
  readonly #deps: WebhookDeps;
  readonly #db: Kysely<Tables>;
  readonly #secrets: EndpointSecrets;

  constructor(deps: WebhookDeps, secrets: EndpointSecrets) {
    this.#deps = deps;
    this.#db = deps.db;
    this.#secrets = secrets;
  }

  find(application: string, idOrUid: string): Promise<Endpoint | undefined> {
    const ref = indexed(idOrUid);
    return reaching(async () => {
      const row = await this.#db
        .selectFrom('endpoints')
        .selectAll()
        .where('application_id', '=', application)
        .where((is) => is.or([is('id', '=', ref), is('uid', '=', ref)]))
        .executeTakeFirst();
      return row && shownEndpoint(row);
    });
  }

  list(application: string, query: ListQuery): Promise<Listed<Endpoint>> {
    const all = this.#db.selectFrom('endpoints').where('application_id', '=', application);
    return reaching(() =>
      listed(query, {
        read: ({ beyond, direction, rows }) =>
          all.selectAll().where(beyond('seq')).orderBy('seq', direction).limit(rows).execute(),
        seqOf: async (id) => (await all.select('seq').where('id', '=', indexed(id)).executeTakeFirst())?.seq,
        idOf: ({ id }) => id,
        show: shownEndpoint,
      }),
    );
  }

  troubled(failures: number, limit: number): Promise<readonly Endpoint[]> {
    return reaching(async () => {
      const rows = await this.#db
        .selectFrom('endpoints')
        .selectAll()
        .where((is) =>
          is.or([
            is('disabled', 'in', ['receiver', 'failing']),
            is.and([is('disabled', 'is', null), is('failures', '>=', failures)]),
          ]),
        )
        .orderBy('seq', 'desc')
        .limit(limit)
        .execute();
      return rows.map(shownEndpoint);
    });
  }

  create(
    application: string,
    settings: EndpointSettings,
    secret?: string,
  ): Promise<Endpoint | 'taken' | 'unknown_application'> {
    const at = this.#deps.now();
    const id = newId('ep_', at);
    return reaching(async () => {
      const sealed = this.#secrets.sealed(id, secret);
      const making = this.#db.transaction().execute(async (trx) => {
        const row = await trx
          .insertInto('endpoints')
          .values({
            id,
            application_id: application,
            ...endpointColumns(settings),
            disabled: settings.disabled ? 'operator' : null,
            created_ms: at,
            updated_ms: at,
          })
          .onConflict((on) => on.columns(['application_id', 'uid']).doNothing())
          .returningAll()
          .executeTakeFirst();
        if (!row) return 'taken';
        await trx.insertInto('endpoint_secrets').values(sealed).execute();
        return shownEndpoint(row);
      });
      return making.catch((error: unknown) => {
        if (breaksReference(error)) return 'unknown_application';
        throw error;
      });
    });
  }

  async update(before: Endpoint, settings: EndpointSettings): Promise<Endpoint | 'taken' | 'changed' | undefined> {
    const key = { application: before.application, id: before.id };
    const updated = await reaching(() =>
      this.#db.transaction().execute(async (trx) => {
        const row = await trx
          .updateTable('endpoints')
          .set({
            ...endpointColumns(settings),
            ...(settings.disabled ? DISABLED : ENABLED),
            version: sql`version + 1`,
            updated_ms: this.#deps.now(),
          })
          .where('application_id', '=', key.application)
          .where('id', '=', key.id)
          // Enabled or not is no part of the version, which a receiver or its failures may have changed as well.
          .where('version', '=', before.version)
          .where('disabled', 'is not distinct from', before.disabled)
          .returningAll()
          .executeTakeFirst();
        if (row) await nudge(trx, key, this.#deps.nowReal());
        return row && shownEndpoint(row);
      }),
    ).catch((error: unknown) => {
      if (isTaken(error, UID_TAKEN)) return 'taken' as const;
      throw error;
    });
    if (updated === undefined) return (await this.find(key.application, key.id)) && 'changed';
    if (updated !== 'taken') this.#deps.onWake([key]);
    return updated;
  }

  /** Its workflow is woken, so that it ends. */
  async remove(key: EndpointKey): Promise<boolean> {
    const isGone = await reaching(() =>
      this.#db.transaction().execute(async (trx) => {
        const gone = await trx
          .deleteFrom('endpoints')
          .where('application_id', '=', key.application)
          .where('id', '=', key.id)
          .returning('id')
          .executeTakeFirst();
        if (!gone) return false;
        await trx
          .updateTable('deliveries')
          .set({ state: 'cancelled', next_ms: null, ended_as: null, revision: sql`revision + 1` })
          .where('endpoint_id', '=', key.id)
          .where('state', '=', 'pending')
          .execute();
        return true;
      }),
    );
    if (isGone) this.#deps.onWake([key]);
    return isGone;
  }

  secret(key: EndpointKey): Promise<string | undefined> {
    return reaching(async () => {
      const isTheirs = await this.find(key.application, key.id);
      if (!isTheirs) return undefined;
      return (await this.#secrets.of(key.id, this.#deps.now()))[0];
    });
  }

  rotate(key: EndpointKey, secret?: string): Promise<boolean> {
    return reaching(() =>
      this.#db.transaction().execute(async (trx) => {
        const held = await trx
          .selectFrom('endpoints')
          .select('id')
          .where('application_id', '=', key.application)
          .where('id', '=', key.id)
          .forUpdate()
          .executeTakeFirst();
        if (held) await this.#secrets.rotate(trx, key.id, this.#deps.now(), secret);
        return held !== undefined;
      }),
    );
  }

  /**
   * Of messages made from `since` on and before `until`, virtual. `pending` were not tried yet, `sending` were and are tried
   * again; what was called off is in none of them.
   */
  stats(key: EndpointKey, since: number | null, until: number | null): Promise<DeliveryCounts> {
    return reaching(async () => {
      const { rows } = await sql<DeliveryCounts>`
        select count(*) filter (where d.state = 'delivered') as success,
          count(*) filter (where d.state = 'pending' and d.tries = 0) as pending,
          count(*) filter (where d.state = 'pending' and d.tries > 0) as sending,
          count(*) filter (where d.state = 'failed') as fail
        from deliveries d join messages m on m.seq = d.message_seq
        where d.endpoint_id = ${key.id} and m.application_id = ${key.application}
          and m.created_ms >= ${since ?? BEGINNING} and m.created_ms < ${until ?? END}`.execute(this.#db);
      return rows[0] ?? { success: 0, pending: 0, sending: 0, fail: 0 };
    });
  }
}

const ENABLED = {
  disabled: null,
  failures: sql<number>`case when disabled is null then failures else 0 end`,
};
/** Why it was disabled before stays said. */
const DISABLED = { disabled: sql<'operator'>`coalesce(disabled, 'operator')` };
