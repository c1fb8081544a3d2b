import { type Kysely, type Selectable, sql } from 'kysely';
import type { Listed, ListQuery, Message, MessageFilter, MessageStore } from '../../contracts/webhooks.js';
import { indexed, storable } from '../column-values.js';
import type { Tables } from '../tables.js';
import { reaching } from '../unavailable.js';
import { listed } from './listing.js';

type Row = Selectable<Tables['messages']>;

/** Messages as callers of the API look at them. */
export class MessageReads implements Pick<MessageStore, 'find' | 'list'> {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  find(application: string, idOrEventId: string): Promise<Message | undefined> {
    return reaching(async () => {
      const row = await this.#db
        .selectFrom('messages')
        .selectAll()
        .where('seq', '=', messageSeq(application, idOrEventId))
        .executeTakeFirst();
      return row && shownMessage(row);
    });
  }

  /** From `after` on and before `before`. */
  list(application: string, query: ListQuery & MessageFilter): Promise<Listed<Message>> {
    const all = this.#db.selectFrom('messages').where('application_id', '=', application);
    return reaching(() =>
      listed(query, {
        read: ({ beyond, direction, rows }) => {
          let wanted = all.selectAll().where(beyond('seq'));
          const { eventTypes, channel, tag, before, after } = query;
          if (eventTypes !== null)
            wanted = wanted.where('event_type', 'in', ['', ...eventTypes.map((type) => storable(type))]);
          if (channel !== null) wanted = wanted.where(sql<boolean>`${storable(channel)} = any(channels)`);
          if (tag !== null) wanted = wanted.where(sql<boolean>`${storable(tag)} = any(tags)`);
          if (before !== null) wanted = wanted.where('created_ms', '<', before);
          if (after !== null) wanted = wanted.where('created_ms', '>=', after);
          return wanted.orderBy('seq', direction).limit(rows).execute();
        },
        seqOf: async (id) => (await all.select('seq').where('id', '=', indexed(id)).executeTakeFirst())?.seq,
        idOf: ({ id }) => id,
        show: shownMessage,
      }),
    );
  }
}

/** The number of the message that goes by this id, or by this event id; null where there is none. */
export function messageSeq(application: string, idOrEventId: string) {
  const ref = indexed(idOrEventId);
  return sql<number>`(
    select seq from messages where application_id = ${application} and (id = ${ref} or event_id = ${ref})
    order by id = ${ref} desc limit 1)`;
}

export const shownMessage = (row: Row): Message => ({
  id: row.id,
  application: row.application_id,
  eventType: row.event_type,
  eventId: row.event_id,
  channels: row.channels,
  tags: row.tags,
  payload: row.payload,
  at: row.created_ms,
});
