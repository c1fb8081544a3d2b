import { type Kysely, type Selectable, sql } from 'kysely';
import { OWN_APPLICATIONS } from '../../contracts/webhooks.js';
import type { Tables } from '../tables.js';
import { holds, names, read, tombstone } from './body.js';
import { ERASED } from './person.js';
import type { Erased, Scope } from './scope.js';

/** Payloads are read whole. */
const PAGE = 100;

type Row = Pick<Selectable<Tables['messages']>, 'seq' | 'application_id' | 'order_key' | 'payload'>;

/**
 * Puts a tombstone in the place of every payload that holds the person, and takes what was answered to it out of the log.
 * What of it was still to be delivered is called off: a subscriber is never sent a tombstone. Row, ids and instants stay.
 */
export async function eraseMessages(db: Kysely<Tables>, scope: Scope, cursor: string | null): Promise<Erased> {
  const rows = await db
    .selectFrom('messages')
    .select(['seq', 'application_id', 'order_key', 'payload'])
    .where('seq', '>', Number(cursor ?? 0))
    .where('erased', '=', false)
    .orderBy('seq')
    .limit(PAGE)
    .execute();
  const theirs = rows.filter((row) => isTheirs(row, scope)).map(({ seq }) => seq);
  if (theirs.length > 0) await bury(db, theirs, scope);
  return {
    cursor: rows.length === PAGE ? String(rows.at(-1)?.seq) : null,
    erased: theirs.length,
    knowing: {},
  };
}

const OWN: ReadonlySet<string> = new Set(Object.values(OWN_APPLICATIONS).map(({ id }) => id));

/**
 * A message of Slipway's own says by its order key which workflow it is of, in whatever form its record writes the id.
 * Beside Slipway's own applications an id is taken for the customer's alone: an onboarding's may mean anything there.
 */
function isTheirs({ application_id, order_key, payload }: Row, scope: Scope): boolean {
  const { customerId, onboardings, workflows, person } = scope;
  const body = read(payload);
  if (holds(body, person)) return true;
  if (customerId === null) return false;
  const isOwn = OWN.has(application_id);
  if (isOwn && order_key !== null && workflows.has(order_key)) return true;
  return names(body, customerId, isOwn ? onboardings : []);
}

async function bury(db: Kysely<Tables>, seqs: readonly number[], { erasure }: Scope): Promise<void> {
  await sql`
    with buried as (
      update messages set payload = ${tombstone(erasure).toString()}, erased = true where seq = any(${seqs}::bigint[])
    ), called_off as (
      update deliveries set state = 'cancelled', next_ms = null, ended_as = null, revision = revision + 1
      where message_seq = any(${seqs}::bigint[]) and state = 'pending'
    )
    update attempts set response = ${ERASED}, response_headers = '{}' where message_seq = any(${seqs}::bigint[])`.execute(
    db,
  );
}
