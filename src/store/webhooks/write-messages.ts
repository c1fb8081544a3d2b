import { CompiledQuery, type Kysely } from 'kysely';
import type { EndpointKey, NewMessage } from '../../contracts/webhooks.js';
import { DAY_MS } from '../../domain/time/duration.js';
import { indexed, storable } from '../column-values.js';
import type { Tables } from '../tables.js';
import { QUEUED_CHANNEL } from './nudge.js';
import { LOCK_SHARED } from './sleep-lock.js';
import { WANTS } from './wants.js';

/** A message as its row will be. */
export interface MessageRow {
  readonly id: string;
  readonly application_id: string;
  readonly event_type: string;
  readonly event_id: string | null;
  readonly idempotency_key: string | null;
  readonly channels: readonly string[] | null;
  readonly tags: readonly string[] | null;
  readonly payload: string;
  readonly order_key: string | null;
  readonly only_to: string | null;
  readonly payload_until_ms?: number;
  readonly created_ms: number;
}

/** Those whose event id or idempotency key is another's are not among `written`. */
export interface WrittenMessages {
  /** Ids. */
  readonly written: readonly string[];
  /** Their sleep was ended: to be woken once it is committed. */
  readonly woken: readonly EndpointKey[];
}

/**
 * Writes messages in the order given, and a delivery of each to every endpoint that wants it. One statement a batch, with
 * fixed text, so that it is planned once. Whoever runs it holds the locks of the applications, see `sleep-lock.ts`.
 * `$1`: rows as JSON, `$2`: now, real epoch ms.
 */
export const WRITE = `
  with given as (
    select * from json_to_recordset($1::json) as g (
      nth int, id text, application_id text, event_type text, event_id text, idempotency_key text, channels text[],
      tags text[], payload text, order_key text, only_to text, payload_until_ms bigint, created_ms bigint)
  ), written as (
    insert into messages (id, application_id, event_type, event_id, idempotency_key, channels, tags, payload, order_key,
      only_to, payload_until_ms, created_ms, created_real_ms)
    select id, application_id, event_type, event_id, idempotency_key, channels, tags, payload, order_key, only_to,
      payload_until_ms, created_ms, $2::bigint
    from given order by nth
    on conflict do nothing
    returning seq, id, application_id, event_type, channels, order_key, only_to, created_ms
  ), queued as (
    insert into deliveries (endpoint_id, message_seq, order_key, state, next_ms)
    select e.id, m.seq, m.order_key, 'pending', m.created_ms
    from written m join endpoints e on e.application_id = m.application_id
    where e.disabled is null and ${WANTS}
    returning endpoint_id
  ), told as (
    select distinct endpoint_id from queued
  ), sleeping as (
    select seq from endpoints where asleep and id in (select endpoint_id from told) order by seq for no key update
  ), woken as (
    update endpoints e set asleep = false, wake_wanted_real_ms = $2::bigint from sleeping s where e.seq = s.seq
    returning e.application_id, e.id
  )
  select array(select id from written) as written,
    array(select json_build_object('application', application_id, 'id', id) from woken) as woken,
    (select count(*) from told where pg_notify('${QUEUED_CHANNEL}', endpoint_id) is not null) as told`;

export const messageRow = (
  application: string,
  id: string,
  at: number,
  message: Omit<NewMessage, 'idempotencyKey'> & { readonly idempotencyKey?: string | null },
): MessageRow => ({
  id,
  application_id: application,
  event_type: storable(message.eventType),
  event_id: key(message.eventId),
  idempotency_key: key(message.idempotencyKey ?? null),
  channels: message.channels && message.channels.map((name) => storable(name)),
  tags: message.tags && message.tags.map((name) => storable(name)),
  payload: storable(message.payload),
  order_key: key(message.orderKey),
  only_to: key(message.onlyTo ?? null),
  ...(message.payloadDays === undefined ? {} : { payload_until_ms: at + message.payloadDays * DAY_MS }),
  created_ms: at,
});

export const rowsAsJson = (rows: readonly MessageRow[]): string =>
  JSON.stringify(rows.map((row, nth) => ({ nth, ...row })));

/** Within a transaction, before it holds the row of any endpoint. */
export async function holdAwake(trx: Kysely<Tables>, applications: readonly string[]): Promise<void> {
  await trx.executeQuery(CompiledQuery.raw(LOCK_SHARED, [applications]));
}

/** Within a transaction that holds the applications awake. Whoever runs it wakes `woken` after the commit. */
export async function writeMessages(
  trx: Kysely<Tables>,
  rows: readonly MessageRow[],
  nowReal: number,
): Promise<WrittenMessages> {
  const { rows: answers } = await trx.executeQuery<WrittenMessages>(
    CompiledQuery.raw(WRITE, [rowsAsJson(rows), nowReal]),
  );
  return answers[0] ?? { written: [], woken: [] };
}

const key = (text: string | null): string | null => (text === null ? null : indexed(text));
