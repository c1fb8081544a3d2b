import { type Kysely, type Selectable, type SelectQueryBuilder, sql } from 'kysely';
import type {
  Attempt,
  AttemptFilter,
  AttemptLog,
  Destination,
  EndpointKey,
  Listed,
  ListQuery,
} from '../../contracts/webhooks.js';
import { indexed, storable } from '../column-values.js';
import type { Tables } from '../tables.js';
import { reaching } from '../unavailable.js';
import { shownEndpoint } from './endpoint-row.js';
import { listed } from './listing.js';
import { messageSeq } from './message-reads.js';

type Logged = Selectable<Tables['attempts']> & { readonly message_id: string; readonly event_type: string };

/** The log of every call, kept as long as its message, also of endpoints that are gone. */
export class StoredAttempts implements AttemptLog {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  ofMessage(application: string, messageId: string, query: ListQuery & AttemptFilter): Promise<Listed<Attempt>> {
    const all = this.#all(application).where('attempts.message_seq', '=', messageSeq(application, messageId));
    return this.#page(all, query);
  }

  ofEndpoint(key: EndpointKey, query: ListQuery & AttemptFilter): Promise<Listed<Attempt>> {
    return this.#page(this.#all(key.application).where('attempts.endpoint_id', '=', key.id), query);
  }

  find(application: string, messageId: string, attemptId: string): Promise<Attempt | undefined> {
    return reaching(async () => {
      const row = await this.#all(application)
        .where('attempts.message_seq', '=', messageSeq(application, messageId))
        .where('attempts.id', '=', indexed(attemptId))
        .executeTakeFirst();
      return row && shown(row);
    });
  }

  destinations(application: string, messageId: string, query: ListQuery): Promise<Listed<Destination>> {
    const all = this.#db
      .selectFrom('deliveries')
      .innerJoin('endpoints', 'endpoints.id', 'deliveries.endpoint_id')
      .where('deliveries.message_seq', '=', messageSeq(application, messageId));
    return reaching(() =>
      listed(query, {
        read: ({ beyond, direction, rows }) =>
          all
            .selectAll('endpoints')
            .select(['deliveries.state', 'deliveries.next_ms'])
            .where(beyond('endpoints.seq'))
            .orderBy('endpoints.seq', direction)
            .limit(rows)
            .execute(),
        seqOf: async (id) =>
          (await all.select('endpoints.seq').where('endpoints.id', '=', indexed(id)).executeTakeFirst())?.seq,
        idOf: ({ id }) => id,
        show: ({ state, next_ms, ...endpoint }) => ({
          endpoint: shownEndpoint(endpoint),
          state,
          nextAt: state === 'pending' ? next_ms : null,
        }),
      }),
    );
  }

  #all(application: string) {
    return this.#db
      .selectFrom('attempts')
      .innerJoin('messages', 'messages.seq', 'attempts.message_seq')
      .selectAll('attempts')
      .select(['messages.id as message_id', 'messages.event_type'])
      .where('messages.application_id', '=', application);
  }

  #page(
    all: SelectQueryBuilder<Tables, 'attempts' | 'messages', Logged>,
    query: ListQuery & AttemptFilter,
  ): Promise<Listed<Attempt>> {
    return reaching(() =>
      listed(query, {
        read: ({ beyond, direction, rows }) =>
          all
            .where(beyond('attempts.seq'))
            .where(wanted(query))
            .orderBy('attempts.seq', direction)
            .limit(rows)
            .execute(),
        seqOf: async (id) => (await all.where('attempts.id', '=', indexed(id)).executeTakeFirst())?.seq,
        idOf: ({ id }) => id,
        show: shown,
      }),
    );
  }
}

/** From `after` on and before `before`. */
function wanted({ endpointId, succeeded, statusClass, eventTypes, channel, tag, before, after }: AttemptFilter) {
  const all = [sql<boolean>`true`];
  if (endpointId !== null) all.push(sql`attempts.endpoint_id = ${indexed(endpointId)}`);
  if (succeeded !== null) all.push(sql`attempts.succeeded = ${succeeded}`);
  if (statusClass !== null) all.push(sql`attempts.status / 100 = ${statusClass}`);
  if (eventTypes !== null)
    all.push(sql`messages.event_type = any(${eventTypes.map((type) => storable(type))}::text[])`);
  if (channel !== null) all.push(sql`${storable(channel)} = any(messages.channels)`);
  if (tag !== null) all.push(sql`${storable(tag)} = any(messages.tags)`);
  if (before !== null) all.push(sql`attempts.at_ms < ${before}`);
  if (after !== null) all.push(sql`attempts.at_ms >= ${after}`);
  return sql<boolean>`${sql.join(all, sql` and `)}`;
}

const shown = (row: Logged): Attempt => ({
  id: row.id,
  messageId: row.message_id,
  endpointId: row.endpoint_id,
  eventType: row.event_type,
  at: row.at_ms,
  trigger: row.manual ? 'manual' : 'scheduled',
  succeeded: row.succeeded,
  url: row.url,
  status: row.status,
  response: row.response,
  requestHeaders: row.request_headers,
  responseHeaders: row.response_headers,
  ms: row.ms,
  address: row.address,
  nextAt: row.next_ms,
});
