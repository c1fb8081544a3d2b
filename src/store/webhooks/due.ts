import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Due, DuePage, Turn } from '../../contracts/delivery.js';
import type { EndpointKey } from '../../contracts/webhooks.js';
import type { Tables } from '../tables.js';
import type { EndpointSecrets } from './secrets.js';
import { turnLost } from './turns.js';

interface Asked {
  readonly endpoint: EndpointKey;
  readonly at: number;
  readonly limit: number;
  readonly underWay: readonly string[];
}

/** A look at the queue; what a lost turn sees is of no use to it, so it hears of that here and not when it writes. */
export async function due(
  db: Kysely<Tables>,
  secrets: EndpointSecrets,
  turn: Turn,
  { at, limit, underWay }: Omit<Asked, 'endpoint'>,
): Promise<DuePage> {
  const { endpoint } = turn;
  const row = await db
    .selectFrom('endpoints')
    .select(['turn', 'url', 'headers', 'rate_limit', 'ordered', 'disabled', 'failures'])
    .where('application_id', '=', endpoint.application)
    .where('id', '=', endpoint.id)
    .executeTakeFirst();
  if (!row) return NOBODY;
  if (row.turn !== turn.number) throw turnLost(turn);
  const asked = { endpoint, at, limit, underWay };
  const [keys, deliveries, nextAt] = await Promise.all([
    secrets.of(endpoint.id, at),
    limit > 0 && row.disabled === null ? dueOf(db, asked, row.ordered ? inLine(asked) : inAnyOrder(asked)) : [],
    row.disabled === null ? nextAfter(db, endpoint, at) : null,
  ]);
  const { url, headers, rate_limit: rateLimit, ordered, disabled, failures } = row;
  return {
    receiver: { url, headers, secrets: keys, rateLimit, ordered, disabled, failures },
    deliveries,
    nextAt,
  };
}

const NOBODY: DuePage = { receiver: null, deliveries: [], nextAt: null };

/**
 * Half of the places, those under way counted in, are the live lane's for as long as anything waits in it; what one lane
 * leaves free the other takes. Counted over those under way, or a single place that comes free would always be a live one's.
 */
async function dueOf(db: Kysely<Tables>, asked: Asked, waiting: RawBuilder<unknown>): Promise<readonly Due[]> {
  const { endpoint, limit, underWay } = asked;
  const places = Math.ceil((limit + underWay.length) / 2);
  const { rows } = await sql<DueRow>`
    with recursive ${waiting}, live as (
      select * from waiting where lane = 0 order by next_ms, message_seq limit ${limit}
    ), late as (
      select * from waiting where lane = 1 order by next_ms, message_seq limit ${limit}
    ), kept as (
      select least(${limit}, greatest(${limit} - (select count(*) from late), ${places} - (
        select count(*) from deliveries
        where endpoint_id = ${endpoint.id} and message_seq = any(${underWay}::bigint[]) and lane = 0
      ), 0)) as places
    ), chosen_live as (
      select * from live order by next_ms, message_seq limit (select places from kept)
    ), chosen as (
      select * from chosen_live
      union all
      (select * from late order by next_ms, message_seq limit ${limit} - (select count(*) from chosen_live))
    )
    select m.seq::text, m.id, m.event_type, m.payload, m.created_ms, c.tries, c.first_ms, c.manual,
      c.ended_as is not null as once, c.next_ms, c.revision
    from chosen c join messages m on m.seq = c.message_seq
    order by c.lane, c.next_ms, c.message_seq`.execute(db);
  return rows.map(shown);
}

/**
 * All that is read of a delivery is read where it is found: to come back for it by a join is to leave it to statistics, which
 * know nothing of a backlog that is a minute old, whether every pending row is read for each page.
 */
const READ = sql.raw('order_key, lane, next_ms, message_seq, tries, first_ms, manual, ended_as, revision');

/** As the common table expression `waiting`: the head of each lane, by its index. */
function inAnyOrder({ endpoint, at, limit, underWay }: Asked): RawBuilder<unknown> {
  const lane = (number: 0 | 1) => sql`(
    select ${READ} from deliveries
    where endpoint_id = ${endpoint.id} and lane = ${sql.lit(number)} and next_ms <= ${at}
      and message_seq <> all(${underWay}::bigint[])
    order by next_ms, message_seq limit ${limit})`;
  return sql`waiting as (${lane(0)} union all ${lane(1)})`;
}

/**
 * The same of an ordered endpoint: the first of each line where it is due, unless anything of its line is under way (a
 * message that an operator has sent again may have come before that), and what has no line.
 */
function inLine({ endpoint, at, limit, underWay }: Asked): RawBuilder<unknown> {
  const lane = (number: 0 | 1) => sql`(
    select ${READ} from deliveries
    where endpoint_id = ${endpoint.id} and lane = ${sql.lit(number)} and next_ms <= ${at}
      and order_key is null and message_seq <> all(${underWay}::bigint[])
    order by next_ms, message_seq limit ${limit})`;
  return sql`${heads(endpoint)}, waiting as (
    select ${READ} from heads
    where next_ms <= ${at} and order_key not in (
      select order_key from deliveries
      where endpoint_id = ${endpoint.id} and message_seq = any(${underWay}::bigint[]) and order_key is not null)
    union all ${lane(0)} union all ${lane(1)})`;
}

/**
 * As the recursive common table expression `heads`: the first pending delivery of each line, due or not, found from line to
 * line along the index. Its cost is that of the lines, however many wait in them.
 */
export function heads(endpoint: EndpointKey): RawBuilder<unknown> {
  const first = (beyond: RawBuilder<unknown>) => sql`
    select ${READ} from deliveries
    where endpoint_id = ${endpoint.id} and state = 'pending' and ${beyond}
    order by order_key, message_seq limit 1`;
  return sql`heads as (
    (${first(sql`order_key is not null`)})
    union all
    select behind.* from heads h cross join lateral (${first(sql`order_key > h.order_key`)}) behind)`;
}

/** Too early for a line whose head waits longer: whoever looks then sees so. */
async function nextAfter(db: Kysely<Tables>, endpoint: EndpointKey, at: number): Promise<number | null> {
  const lane = (number: 0 | 1) => sql`(
    select min(next_ms) from deliveries
    where endpoint_id = ${endpoint.id} and lane = ${sql.lit(number)} and next_ms > ${at})`;
  const { rows } = await sql<{ next_at: number | null }>`select least(${lane(0)}, ${lane(1)}) as next_at`.execute(db);
  return rows[0]?.next_at ?? null;
}

interface DueRow {
  readonly seq: string;
  readonly id: string;
  readonly event_type: string;
  readonly payload: string;
  readonly created_ms: number;
  readonly tries: number;
  readonly first_ms: number | null;
  readonly manual: boolean;
  readonly once: boolean;
  readonly next_ms: number;
  readonly revision: number;
}

const shown = (row: DueRow): Due => ({
  seq: row.seq,
  messageId: row.id,
  eventType: row.event_type,
  payload: row.payload,
  tries: row.tries,
  firstAt: row.first_ms,
  trigger: row.manual ? 'manual' : 'scheduled',
  once: row.once,
  dueAt: row.next_ms,
  createdAt: row.created_ms,
  revision: row.revision,
});
