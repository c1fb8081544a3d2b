import { type Kysely, type Selectable, sql } from 'kysely';
import { OWN_APPLICATIONS } from '../../contracts/webhooks.js';
import type { Tables } from '../tables.js';
import { holds, names, read, tombstone } from './body.js';
import { eraseSends } from './erase-sends.js';
import { ERASED } from './person.js';
import type { Erased, Scope } from './scope.js';

/** Payloads are read whole. */
const PAGE = 100;
/** What a cursor among outgoing messages begins with; the key of a send begins with the type of its workflow. */
const OUTGOING = 'outgoing:';

/** Cleans what was sent: the record of messages to people, then the outgoing messages to other systems. */
export async function eraseSent(db: Kysely<Tables>, scope: Scope, cursor: string | null): Promise<Erased> {
  if (cursor?.startsWith(OUTGOING)) return eraseMessages(db, scope, Number(cursor.slice(OUTGOING.length)));
  const sends = await eraseSends(db, scope, cursor);
  return sends.cursor === null ? { ...sends, cursor: `${OUTGOING}0` } : sends;
}

type Row = Pick<Selectable<Tables['messages']>, 'seq' | 'application_id' | 'payload'>;

/**
 * Puts a tombstone in the place of every payload that holds the person, and takes what was answered to it out of the log.
 * What of it was still to be delivered is called off: a subscriber is never sent a tombstone. Row, ids and instants stay.
 */
async function eraseMessages(db: Kysely<Tables>, scope: Scope, after: number): Promise<Erased> {
  const rows = await db
    .selectFrom('messages')
    .select(['seq', 'application_id', 'payload'])
    .where('seq', '>', after)
    .where('erased', '=', false)
    .orderBy('seq')
    .limit(PAGE)
    .execute();
  const theirs = rows.filter((row) => isTheirs(row, scope)).map(({ seq }) => seq);
  if (theirs.length > 0) await bury(db, theirs, scope);
  return {
    cursor: rows.length === PAGE ? `${OUTGOING}${rows.at(-1)?.seq}` : null,
    erased: theirs.length,
    knowing: {},
  };
}

const OWN: ReadonlySet<string> = new Set(Object.values(OWN_APPLICATIONS).map(({ id }) => id));

/** Beside Slipway's own applications an id is taken for the customer's alone: an onboarding's may mean anything there. */
function isTheirs({ application_id, payload }: Row, { customerId, onboardings, person }: Scope): boolean {
  const value = read(Buffer.from(payload));
  if (holds(value, person)) return true;
  if (customerId === null) return false;
  const ids = OWN.has(application_id) ? [customerId, ...onboardings] : [customerId];
  return ids.some((id) => names(value, id));
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
