import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Turn } from '../../contracts/delivery.js';
import type { Tables } from '../tables.js';
import { heads } from './due.js';
import { lockAlone } from './sleep-lock.js';
import { turnLost } from './turns.js';

export interface Rest {
  readonly nextAt: number | null;
  readonly pending: number;
}

/**
 * Puts the endpoint to sleep unless something is due at `at`. It is looked at twice: without the lock first, so that
 * writers wait only for one that is really about to sleep. Of an endpoint that is gone nothing waits.
 */
export async function rest(db: Kysely<Tables>, turn: Turn, at: number): Promise<Rest> {
  const seen = await look(db, turn);
  if (!seen) return { nextAt: null, pending: 0 };
  if (isDue(seen, at)) return { nextAt: seen.next_at, pending: seen.pending };
  const slept = await db.transaction().execute(async (trx) => {
    await lockAlone(trx, turn.endpoint.application);
    return sleep(trx, turn, seen.ordered, at);
  });
  if (!slept) return { nextAt: null, pending: 0 };
  // It was not its turn's any more when it was to sleep: by then another had taken it.
  if (!slept.sleeps && !isDue(slept, at)) throw turnLost(turn);
  return { nextAt: slept.disabled ? null : slept.next_at, pending: seen.pending };
}

interface Seen {
  readonly turn: number;
  readonly disabled: boolean;
  readonly ordered: boolean;
  readonly next_at: number | null;
  readonly pending: number;
}

const isDue = ({ disabled, next_at }: Pick<Seen, 'disabled' | 'next_at'>, at: number): boolean =>
  !disabled && next_at !== null && next_at <= at;

async function look(db: Kysely<Tables>, turn: Turn): Promise<Seen | undefined> {
  const { application, id } = turn.endpoint;
  const { rows } = await sql<Seen>`
    with recursive ${heads(turn.endpoint)}
    select e.turn, e.disabled is not null as disabled, e.ordered,
      case when e.ordered then ${firstOfLines(id)} else ${firstOfAll(id)} end as next_at,
      (select count(*) from deliveries where endpoint_id = ${id} and next_ms is not null) as pending
    from endpoints e where e.application_id = ${application} and e.id = ${id}`.execute(db);
  const [seen] = rows;
  if (seen && seen.turn !== turn.number) throw turnLost(turn);
  return seen && { ...seen, next_at: seen.disabled ? null : seen.next_at };
}

/** One that was made ordered or otherwise meanwhile was woken by that. */
async function sleep(trx: Kysely<Tables>, turn: Turn, ordered: boolean, at: number) {
  const { application, id } = turn.endpoint;
  const { rows } = await sql<{ turn: number; disabled: boolean; next_at: number | null; sleeps: boolean }>`
    with recursive ${heads(turn.endpoint)}, next as materialized (
      select ${ordered ? firstOfLines(id) : firstOfAll(id)} as next_at
    ), asleep as (
      update endpoints e set asleep = true from next n
      where e.application_id = ${application} and e.id = ${id} and e.turn = ${turn.number}
        and (e.disabled is not null or n.next_at is null or n.next_at > ${at})
      returning e.id
    )
    select e.turn, e.disabled is not null as disabled, n.next_at, exists (select from asleep) as sleeps
    from endpoints e cross join next n where e.application_id = ${application} and e.id = ${id}`.execute(trx);
  return rows[0];
}

const firstOfAll = (id: string): RawBuilder<unknown> => sql`least(${firstOfLane(id, 0)}, ${firstOfLane(id, 1)})`;

/** What waits behind the head of its line is not due before that. */
const firstOfLines = (id: string): RawBuilder<unknown> => sql`least((select min(next_ms) from heads),
  ${firstOfLane(id, 0, sql`order_key is null`)}, ${firstOfLane(id, 1, sql`order_key is null`)})`;

const firstOfLane = (id: string, lane: 0 | 1, which = sql`true`): RawBuilder<unknown> => sql`(
  select min(next_ms) from deliveries where endpoint_id = ${id} and lane = ${sql.lit(lane)} and ${which})`;
