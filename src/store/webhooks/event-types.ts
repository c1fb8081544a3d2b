import { type Kysely, type Selectable, sql } from 'kysely';
import type { EventType, EventTypeStore, Listed, ListQuery, NewEventType } from '../../contracts/webhooks.js';
import { indexed, storable } from '../column-values.js';
import type { Tables } from '../tables.js';
import { reaching } from '../unavailable.js';
import { listed } from './listing.js';

type Row = Selectable<Tables['event_types']>;

/** The catalogue of event types: what ships, and what callers of the API add. */
export class StoredEventTypes implements EventTypeStore {
  readonly #db: Kysely<Tables>;
  readonly #now: () => number;

  /** `now`: virtual. */
  constructor(db: Kysely<Tables>, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  find(name: string): Promise<EventType | undefined> {
    return reaching(async () => {
      const row = await this.#db
        .selectFrom('event_types')
        .selectAll()
        .where('name', '=', indexed(name))
        .executeTakeFirst();
      return row && shown(row);
    });
  }

  /** An archived one is made anew under its name, as Svix does it. */
  create(type: NewEventType): Promise<EventType | 'taken'> {
    const at = this.#now();
    return reaching(async () => {
      const row = await this.#db
        .insertInto('event_types')
        .values({ ...columns(type), own: false, created_ms: at, updated_ms: at })
        .onConflict((on) =>
          on
            .column('name')
            .doUpdateSet({ ...columns(type), updated_ms: at })
            .where('event_types.archived', '=', true)
            .where('event_types.own', '=', false),
        )
        .returningAll()
        .executeTakeFirst();
      return row ? shown(row) : 'taken';
    });
  }

  /** Undefined for one of the catalogue that ships, too. */
  update(type: NewEventType): Promise<EventType | undefined> {
    return reaching(async () => {
      const row = await this.#db
        .updateTable('event_types')
        .set({ ...columns(type), updated_ms: this.#now() })
        .where('name', '=', indexed(type.name))
        .where('own', '=', false)
        .returningAll()
        .executeTakeFirst();
      return row && shown(row);
    });
  }

  /** False for one of the catalogue that ships, too. */
  remove(name: string, expunge: boolean): Promise<boolean> {
    const ref = indexed(name);
    const archived = { archived: true, updated_ms: this.#now() };
    return reaching(async () => {
      const removed = expunge
        ? this.#db.deleteFrom('event_types').where('name', '=', ref).where('own', '=', false).returning('name')
        : this.#db
            .updateTable('event_types')
            .set(archived)
            .where('name', '=', ref)
            .where('own', '=', false)
            .returning('name');
      return (await removed.executeTakeFirst()) !== undefined;
    });
  }

  list(query: ListQuery & { readonly archived: boolean }): Promise<Listed<EventType>> {
    return reaching(() =>
      listed(query, {
        read: ({ beyond, direction, rows }) => {
          const all = this.#db.selectFrom('event_types').selectAll().where(beyond('seq'));
          const wanted = query.archived ? all : all.where('archived', '=', false);
          return wanted.orderBy('seq', direction).limit(rows).execute();
        },
        seqOf: async (name) => {
          const found = this.#db.selectFrom('event_types').select('seq').where('name', '=', indexed(name));
          return (await found.executeTakeFirst())?.seq;
        },
        idOf: ({ name }) => name,
        show: shown,
      }),
    );
  }

  /** Writes only what differs: a start that brings nothing new changes nothing. */
  publish(catalogue: readonly NewEventType[]): Promise<void> {
    const at = this.#now();
    const own = catalogue.map((type) => ({ ...columns(type), own: true, created_ms: at, updated_ms: at }));
    return reaching(() =>
      this.#db.transaction().execute(async (trx) => {
        const gone = trx.deleteFrom('event_types').where('own', '=', true);
        await gone.where('name', 'not in', ['', ...own.map(({ name }) => name)]).execute();
        if (own.length === 0) return;
        await trx
          .insertInto('event_types')
          .values(own)
          .onConflict((on) =>
            on
              .column('name')
              .doUpdateSet((to) => ({
                description: to.ref('excluded.description'),
                schemas: sql`excluded.schemas`,
                group_name: to.ref('excluded.group_name'),
                archived: to.ref('excluded.archived'),
                deprecated: to.ref('excluded.deprecated'),
                own: true,
                updated_ms: at,
              }))
              .where(CHANGED),
          )
          .execute();
      }),
    );
  }
}

const CHANGED = sql<boolean>`
  (event_types.description, event_types.schemas::text, event_types.group_name, event_types.archived,
    event_types.deprecated, event_types.own)
  is distinct from
  (excluded.description, excluded.schemas::text, excluded.group_name, excluded.archived, excluded.deprecated, true)`;

const columns = (type: NewEventType) => ({
  name: indexed(type.name),
  description: storable(type.description),
  schemas: type.schemas && JSON.stringify(type.schemas),
  group_name: storable(type.groupName),
  archived: type.archived,
  deprecated: type.deprecated,
});

const shown = (row: Row): EventType => ({
  name: row.name,
  description: row.description,
  schemas: row.schemas,
  groupName: row.group_name,
  archived: row.archived,
  deprecated: row.deprecated,
  own: row.own,
  createdAt: row.created_ms,
  updatedAt: row.updated_ms,
});
