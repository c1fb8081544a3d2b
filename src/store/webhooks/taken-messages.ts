import type pg from 'pg';
import type { Selectable } from 'kysely';
import type { Created } from '../../contracts/webhooks.js';
import type { Tables } from '../tables.js';
import { shownMessage } from './message-reads.js';
import type { MessageRow } from './write-messages.js';

type Row = Selectable<Tables['messages']>;

/** A statement of its own: the one that met the other message may not have seen it. */
const FIND = `
  with left_over as (
    select * from json_to_recordset($1::json) as l (application_id text, event_id text, idempotency_key text)
  )
  select m.* from left_over l join messages m
    on m.application_id = l.application_id and m.idempotency_key = l.idempotency_key
  union
  select m.* from left_over l join messages m on m.application_id = l.application_id and m.event_id = l.event_id`;

/**
 * What is answered to each of `left`, by id: their key or their event id was there before. `batch`: all that were written
 * together, in their order, since one that came after does not stand in the way of one that came before it.
 */
export async function findTaken(
  client: pg.ClientBase,
  batch: readonly MessageRow[],
  left: readonly MessageRow[],
): Promise<ReadonlyMap<string, Created>> {
  const asked = left.map(({ application_id, event_id, idempotency_key }) => ({
    application_id,
    event_id,
    idempotency_key,
  }));
  const { rows } = await client.query<Row>({
    name: 'slipway_messages_taken',
    text: FIND,
    values: [JSON.stringify(asked)],
  });
  const turns = new Map(batch.map(({ id }, nth) => [id, nth]));
  return new Map(
    left.map((row) => {
      const before = rows.filter(({ id }) => (turns.get(id) ?? -1) < (turns.get(row.id) ?? 0));
      return [row.id, answerTo(row, before)];
    }),
  );
}

function answerTo(row: MessageRow, before: readonly Row[]): Created {
  const theirs = before.filter(({ application_id }) => application_id === row.application_id);
  const first =
    row.idempotency_key === null
      ? undefined
      : theirs.find(({ idempotency_key }) => idempotency_key === row.idempotency_key);
  if (first) return { outcome: 'repeated', message: shownMessage(first) };
  if (theirs.some(({ event_id }) => event_id !== null && event_id === row.event_id))
    return { outcome: 'event_id_taken' };
  throw new Error('The message that this one repeats was deleted meanwhile; send it again.');
}
