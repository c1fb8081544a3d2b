import { type Kysely, sql } from 'kysely';
import type { Outcome, Turn } from '../../contracts/delivery.js';
import { storable } from '../column-values.js';
import type { Tables } from '../tables.js';
import { newId } from './ids.js';
import { turnLost } from './turns.js';

/**
 * Writes attempts down and what becomes of their deliveries: one statement, and only while the turn is the newest. The
 * endpoint's row comes first and is held, as by an operator who asks for something: what they asked meanwhile is known by
 * its revision and stands. A message that was delivered meanwhile is then due once more all the same, but as one that was
 * delivered, with no schedule behind it; a try that used up its schedule likewise. Of an endpoint that is gone the log is
 * written: the calls were made. An attempt that is in the log already is passed over: the commit before was not heard of,
 * and is made again.
 */
export async function record(
  db: Kysely<Tables>,
  turn: Turn,
  outcomes: readonly Outcome[],
  nowReal: number,
): Promise<{ readonly failures: number }> {
  const { application, id } = turn.endpoint;
  // Said twice below: without it the planner, whose statistics are older than a backlog, may join all of that to a batch.
  const seqs = outcomes.map(({ seq }) => seq);
  const { rows } = await sql<{ failures: number | null; is_theirs: boolean }>`
    with outcome as (
      select * from json_to_recordset(${JSON.stringify(outcomes.map(columns))}::json) as o (
        nth int, seq bigint, revision int, tries int, first_ms bigint, state text, next_ms bigint, id text, at_ms bigint,
        manual boolean, succeeded boolean, used_up boolean, url text, status int, response text, request_headers text,
        response_headers text, ms int, address text, then_ms bigint)
    ), fresh as (
      select * from outcome o where not exists (
        select from attempts a where a.message_seq = o.seq and a.endpoint_id = ${id} and a.at_ms = o.at_ms)
    ), last_success as (
      select max(nth) as nth from fresh where succeeded
    ), held as (
      select seq, failures from endpoints
      where application_id = ${application} and id = ${id} and turn = ${turn.number} for no key update
    ), counted as (
      select seq, failures as before, case when l.nth is null then failures else 0 end
        + (select count(*)::int from fresh where used_up and nth > coalesce(l.nth, -1)) as failures
      from held cross join last_success l
    ), told as (
      update endpoints e set failures = c.failures from counted c where e.seq = c.seq and c.failures <> c.before
    ), theirs as (
      select from held union all select where not exists (select from endpoints where id = ${id})
    ), logged as (
      insert into attempts (id, message_seq, endpoint_id, at_ms, at_real_ms, manual, succeeded, url, status, response,
        request_headers, response_headers, ms, address, next_ms)
      select id, seq, ${id}, at_ms, ${nowReal}, manual, succeeded, url, status, response, request_headers::json,
        response_headers::json, ms, address, then_ms
      from fresh where exists (select from theirs) order by nth
    ), moved as (
      update deliveries d set
        state = case
          when d.revision <> o.revision then d.state
          when o.state = 'failed' and d.ended_as = 'delivered' then 'delivered'
          else o.state end,
        next_ms = case when d.revision <> o.revision then d.next_ms else o.next_ms end,
        lane = case when d.revision <> o.revision then d.lane else 1 end,
        manual = d.manual and d.revision <> o.revision,
        tries = case when ${GOES_ON} then o.tries else d.tries end,
        first_ms = case when ${GOES_ON} then o.first_ms else d.first_ms end,
        ended_as = case
          when d.revision = o.revision then null
          when o.state = 'delivered' then 'delivered'
          when o.state = 'failed' and ${GOES_ON} then coalesce(d.ended_as, 'failed')
          else d.ended_as end
      from outcome o
      where d.endpoint_id = ${id} and d.message_seq = any(${seqs}::bigint[]) and d.message_seq = o.seq
        and d.state = 'pending' and exists (select from theirs)
    )
    select (select failures from counted) as failures, exists (select from theirs) as is_theirs`.execute(db);
  if (!rows[0]?.is_theirs) throw turnLost(turn);
  return { failures: rows[0].failures ?? 0 };
}

/** Whether the schedule that the try belongs to is still the delivery's: a recovery begins another one. */
const GOES_ON = sql`(
  d.revision = o.revision or d.first_ms = o.first_ms or d.first_ms is null and o.tries = 1 and not o.manual)`;

/** Headers travel as text: nested, the database would read their escapes, of which it refuses some. */
const columns = ({ seq, attempt, tries, firstAt, revision, usedUp, then }: Outcome, nth: number) => ({
  nth,
  seq,
  revision,
  tries,
  first_ms: firstAt,
  state: then.state,
  next_ms: then.state === 'pending' ? then.nextAt : null,
  id: newId('atmpt_', attempt.at),
  at_ms: attempt.at,
  manual: attempt.trigger === 'manual',
  succeeded: attempt.succeeded,
  used_up: usedUp,
  url: storable(attempt.url),
  status: attempt.status,
  response: storable(attempt.response),
  request_headers: JSON.stringify(attempt.requestHeaders),
  response_headers: JSON.stringify(attempt.responseHeaders),
  ms: Math.round(attempt.ms),
  address: attempt.address,
  then_ms: attempt.nextAt,
});
