import type pg from 'pg';
import type { Accepted, Arrival, PendingRow, Route } from '../contracts/inbox.js';
import { brief, instant, storable } from './column-values.js';

/** An arrival as its row will be: what decides whether it is a repeat is worked out once. */
export interface ArrivalRow {
  readonly arrival: Arrival;
  readonly eventId: string;
  readonly workflowId: string | null;
  readonly sha256: Buffer;
  /** `(event id, source, body)` as one string. */
  readonly identity: string;
}

/** What a column holds of a type, an org or a delivery id; a sender's are far below it, and the route has the whole. */
const MAX_LABEL = 200;

/**
 * One statement a batch, whatever its size, with fixed text: the server plans it once. Rows travel as one JSON text and
 * the bodies as one binary value cut up again there, since a list of bytea would double them in hexadecimal.
 */
const INSERT = `
  with arrived as (
    select * from json_to_recordset($1::json) as a (
      nth int, source text, event_id text, delivery_id text, type text, org text, secret text,
      received_real_ms bigint, received_virtual_ms bigint, occurred_virtual_ms bigint,
      workflow_id text, quarantined text, route text, headers text, body_from int, body_bytes int)
  ), written as (
    insert into inbox (source, event_id, body_sha256, delivery_id, type, org, secret, received_real_ms,
      received_virtual_ms, occurred_virtual_ms, workflow_id, quarantined, route, headers, body)
    select source, event_id, substring($2::bytea from nth * 32 + 1 for 32), delivery_id, type, org, secret,
      received_real_ms, received_virtual_ms, occurred_virtual_ms, workflow_id, quarantined, route::json, headers::json,
      substring($3::bytea from body_from + 1 for body_bytes)
    from arrived order by nth
    on conflict (event_id, source, body_sha256) do nothing
    returning seq, event_id, source, body_sha256, workflow_id
  ), queued as (
    insert into dispatch (seq, state, server_id)
    select seq, 'pending', $4 from written where workflow_id is not null
  )
  select seq::text, event_id, source, encode(body_sha256, 'hex') as sha256 from written`;

/** A statement of its own: the one that found the conflict cannot see a row that was committed after it began. */
const FIND = `
  select i.seq::text, i.event_id, i.source, encode(i.body_sha256, 'hex') as sha256,
    i.delivery_id, i.received_real_ms, case when d.state = 'pending' then i.route end as route
  from json_to_recordset($1::json) as a (nth int, event_id text, source text)
  join inbox i on i.event_id = a.event_id and i.source = a.source and i.body_sha256 = substring($2::bytea from a.nth * 32 + 1 for 32)
  left join dispatch d on d.seq = i.seq`;

interface Found {
  readonly seq: string;
  readonly event_id: string;
  readonly source: string;
  readonly sha256: string;
}

interface Repeated extends Found {
  readonly delivery_id: string;
  readonly received_real_ms: number;
  /** Null unless the row is not signalled yet. */
  readonly route: Route | null;
}

/** Writes rows of distinct identity in one commit; answers in their order. */
export async function writeArrivals(
  client: pg.ClientBase,
  serverId: string,
  rows: readonly ArrivalRow[],
): Promise<readonly Accepted[]> {
  const digests = Buffer.concat(rows.map(({ sha256 }) => sha256));
  const bodies = Buffer.concat(rows.map(({ arrival }) => arrival.body));
  const written = await client.query<Found>({
    name: 'slipway_arrivals',
    text: INSERT,
    values: [JSON.stringify(records(rows)), digests, bodies, serverId],
  });
  const accepted = new Map<string, Accepted>(
    written.rows.map((row) => [identityOf(row), { seq: row.seq, duplicate: false }]),
  );
  if (accepted.size < rows.length) await findRepeats(client, rows, digests, accepted);
  return rows.map(({ identity }) => acceptedOf(accepted, identity));
}

async function findRepeats(
  client: pg.ClientBase,
  rows: readonly ArrivalRow[],
  digests: Buffer,
  accepted: Map<string, Accepted>,
): Promise<void> {
  const repeats = rows.flatMap(({ identity, eventId, arrival }, nth) =>
    accepted.has(identity) ? [] : [{ nth, event_id: eventId, source: storable(arrival.source) }],
  );
  const found = await client.query<Repeated>({
    name: 'slipway_repeats',
    text: FIND,
    values: [JSON.stringify(repeats), digests],
  });
  for (const row of found.rows) {
    const waiting = waitingOf(row);
    accepted.set(identityOf(row), { seq: row.seq, duplicate: true, ...(waiting ? { waiting } : {}) });
  }
}

function waitingOf({ seq, delivery_id, received_real_ms, route }: Repeated): PendingRow | undefined {
  if (!route) return undefined;
  return { seq, deliveryId: delivery_id, receivedAt: received_real_ms, type: route.to, route };
}

function acceptedOf(accepted: ReadonlyMap<string, Accepted>, identity: string): Accepted {
  const answer = accepted.get(identity);
  if (!answer) throw new Error('The row this event repeats was deleted meanwhile; send it again.');
  return answer;
}

export function identity(eventId: string, source: string, sha256: string): string {
  return `${eventId}\0${source}\0${sha256}`;
}

const identityOf = (row: Found): string => identity(row.event_id, row.source, row.sha256);

function records(rows: readonly ArrivalRow[]): readonly object[] {
  let from = 0;
  return rows.map(({ arrival, eventId, workflowId }, nth) => {
    const record = {
      nth,
      source: storable(arrival.source),
      event_id: eventId,
      delivery_id: brief(arrival.deliveryId, MAX_LABEL),
      type: arrival.type === null ? null : brief(arrival.type, MAX_LABEL),
      org: arrival.org === null ? null : brief(arrival.org, MAX_LABEL),
      secret: storable(arrival.secret),
      received_real_ms: arrival.receivedAt,
      received_virtual_ms: arrival.receivedVirtual,
      occurred_virtual_ms: instant(arrival.occurredAt),
      workflow_id: workflowId,
      quarantined: arrival.quarantined ?? null,
      // As text: nested, the database would read their escapes, of which it refuses some; as `json` it keeps them.
      route: arrival.route ? JSON.stringify(arrival.route) : null,
      headers: JSON.stringify(arrival.headers),
      body_from: from,
      body_bytes: arrival.body.length,
    };
    from += arrival.body.length;
    return record;
  });
}
