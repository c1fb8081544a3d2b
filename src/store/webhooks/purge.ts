import { type Kysely, sql } from 'kysely';
import type { Purged } from '../../contracts/care.js';
import type { Tables } from '../tables.js';

/** A page of messages may carry ten times as many attempts: still some milliseconds a statement. */
const PAGE = 500;

/**
 * Deletes messages made at `limit` (virtual) or before, their deliveries and the log of their attempts, a page at a time and in
 * the order they were made; it stops at the first that is too young. One that is still to be delivered stays, unless its
 * endpoint is gone.
 */
export async function purgeMessages(db: Kysely<Tables>, limit: number, cursor: string | null): Promise<Purged> {
  const rows = await db
    .selectFrom('messages')
    .select(['seq', 'created_ms'])
    .where('seq', '>', Number(cursor ?? 0))
    .orderBy('seq')
    .limit(PAGE)
    .execute();
  const young = rows.findIndex(({ created_ms }) => created_ms > limit);
  const old = (young < 0 ? rows : rows.slice(0, young)).map(({ seq }) => seq);
  const deleted = old.length === 0 ? 0 : await deleteMessages(db, old);
  return { cursor: young < 0 && rows.length === PAGE ? String(rows.at(-1)?.seq) : null, deleted };
}

/** What stands in the place of a payload whose days are over; Svix's clients know it. */
const EXPIRED = JSON.stringify({ expired: true });

/**
 * Takes away what messages say whose maker wanted it kept until `at` (virtual) or before, a page of them, and what was
 * answered to them: receivers echo what they are sent. Rows and the rest of the logs stay. One that is still to be delivered
 * keeps it. Held first and looked at again, as below: nobody is ever sent what stands in its place. True where there may be
 * more.
 */
export function expirePayloads(db: Kysely<Tables>, at: number): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ seq: number }>`
      select seq from messages m where payload_until_ms <= ${at} and not erased and not ${IS_WANTED}
      order by payload_until_ms limit ${PAGE} for update`.execute(trx);
    const seqs = rows.map(({ seq }) => seq);
    await sql`
      with expired as (
        update messages m set payload = ${EXPIRED}, erased = true
        where seq = any(${seqs}::bigint[]) and not ${IS_WANTED}
        returning seq
      )
      update attempts set response = ${EXPIRED}, response_headers = '{}'
      where message_seq in (select seq from expired)`.execute(trx);
    return rows.length === PAGE;
  });
}

/** The message `m` is still to be delivered to somebody who is there. */
const IS_WANTED = sql`exists (
  select from deliveries d join endpoints e on e.id = d.endpoint_id
  where d.message_seq = m.seq and d.state = 'pending')`;

/**
 * The rows are held first, and looked at again by another statement: an operator who asks for one of them meanwhile holds
 * it too, and either their delivery is seen here, or the message is not found there.
 */
function deleteMessages(db: Kysely<Tables>, seqs: readonly number[]): Promise<number> {
  return db.transaction().execute(async (trx) => {
    await sql`select from messages where seq = any(${seqs}::bigint[]) order by seq for update`.execute(trx);
    const { rows } = await sql<{ gone: number }>`
      with gone as (
        delete from messages m where seq = any(${seqs}::bigint[]) and not ${IS_WANTED}
        returning seq
      ), unlisted as (
        delete from deliveries where message_seq in (select seq from gone)
      ), unlogged as (
        delete from attempts where message_seq in (select seq from gone)
      )
      select count(*) as gone from gone`.execute(trx);
    return rows[0]?.gone ?? 0;
  });
}
