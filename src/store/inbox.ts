import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type pg from 'pg';
import { workflowId } from '../contracts/ids.js';
import type { Accepted, Arrival, Inbox, PendingRow, Route } from '../contracts/inbox.js';
import { indexed, storable } from './column-values.js';
import { GroupCommit } from './group-commit.js';
import { type Heartbeat, LEASE_MS } from './heartbeats.js';
import type { RepeatCount } from './repeats.js';
import type { SourceOrgs } from './source-orgs.js';
import type { Tables } from './tables.js';
import { reaching, unavailable } from './unavailable.js';
import type { Settling } from './webhooks/emission.js';
import { type ArrivalRow, identity, writeArrivals } from './write-arrivals.js';

const MAX_BATCH_ROWS = 500;
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/**
 * With what comes before and after it an arrival is answered within a second, also where the disk takes a third of what
 * comes: with 900, those who were let in waited 0.95 s in the median, the loop of a busy edge taking its share (measured).
 */
const MAX_WAIT_MS = 700;
/** About three seconds' worth at full speed: whoever waits longer is better served by a 503 now. */
const MAX_WAITING = 20_000;

export interface InboxDeps {
  /** A connection that only arrivals use. */
  readonly accepting: pg.Pool;
  /** Told how each commit of events ended. */
  readonly tried: (succeeded: boolean) => void;
  /** What it writes may be lost in a crash of the server: a row is then signalled once more. */
  readonly relaxed: Kysely<Tables>;
  readonly serverId: string;
  readonly heartbeat: Heartbeat;
  readonly repeats: RepeatCount;
  readonly orgs: SourceOrgs;
  readonly settling: Settling;
}

/** The archive and queue of events in PostgreSQL (design section 1). */
export class StoredInbox implements Inbox {
  readonly #deps: InboxDeps;
  readonly #commits: GroupCommit<ArrivalRow, Accepted>;
  /** Arrivals on their way to the disk, so that a repeat joins the first instead of racing it. */
  readonly #onTheWay = new Map<string, Promise<Accepted>>();

  constructor(deps: InboxDeps) {
    this.#deps = deps;
    this.#commits = new GroupCommit<ArrivalRow, Accepted>({
      write: (batch) => this.#write(batch),
      bytesOf: ({ arrival }) => arrival.body.length,
      maxItems: MAX_BATCH_ROWS,
      maxBytes: MAX_BATCH_BYTES,
      maxWaiting: MAX_WAITING,
      maxWaitMs: MAX_WAIT_MS,
    });
  }

  async accept(arrival: Arrival): Promise<Accepted> {
    const row = rowOf(arrival);
    const accepted = await this.#join(row);
    if (accepted.duplicate) this.#deps.repeats.add(accepted.seq);
    else this.#deps.orgs.note(arrival);
    return accepted;
  }

  isFull(): boolean {
    return this.#commits.isFull;
  }

  async #join(row: ArrivalRow): Promise<Accepted> {
    const first = this.#onTheWay.get(row.identity);
    if (first) return { seq: (await first).seq, duplicate: true };
    const commit = this.#commits.add(row).catch((error: unknown) => {
      throw unavailable(error);
    });
    this.#onTheWay.set(row.identity, commit);
    try {
      return await commit;
    } finally {
      this.#onTheWay.delete(row.identity);
    }
  }

  /** A connection on which anything went wrong is thrown away: the next batch opens another. */
  #write(batch: readonly ArrivalRow[]): Promise<readonly Accepted[]> {
    return reaching(async () => {
      const client = await this.#deps.accepting.connect();
      let failed = true;
      try {
        const accepted = await writeArrivals(client, this.#deps.serverId, batch);
        failed = false;
        return accepted;
      } finally {
        client.release(failed);
        this.#deps.tried(!failed);
      }
    });
  }

  claim(limit: number): Promise<readonly PendingRow[]> {
    return reaching(async () => {
      const { rows } = await sql<{ seq: string; delivery_id: string; received_real_ms: number; route: Route }>`
        with free as (
          select d.seq from dispatch d
          where d.state = 'pending' and (d.server_id is null or (d.server_id <> ${this.#deps.serverId} and not exists (
            select 1 from servers s
            where s.server_id = d.server_id and s.last_seen_at > clock_timestamp() - make_interval(secs => ${LEASE_MS / 1000})
          )))
          order by d.seq limit ${limit} for update of d skip locked
        ), leased as (
          update dispatch d set server_id = ${this.#deps.serverId} from free where d.seq = free.seq returning d.seq
        )
        select i.seq::text, i.delivery_id, i.received_real_ms, i.route from leased join inbox i on i.seq = leased.seq order by i.seq`.execute(
        this.#deps.relaxed,
      );
      return rows.map(({ seq, delivery_id, received_real_ms, route }) => ({
        seq,
        deliveryId: delivery_id,
        receivedAt: received_real_ms,
        type: route.to,
        route,
      }));
    });
  }

  leased(receivedBefore: number, limit: number): Promise<readonly string[]> {
    return reaching(async () => {
      const { rows } = await sql<{ seq: string }>`
        select d.seq::text from dispatch d join inbox i on i.seq = d.seq
        where d.state = 'pending' and d.server_id = ${this.#deps.serverId} and i.received_real_ms < ${receivedBefore}
        order by d.seq limit ${limit}`.execute(this.#deps.relaxed);
      return rows.map(({ seq }) => seq);
    });
  }

  release(seqs: readonly string[]): Promise<void> {
    return reaching(async () => {
      await sql`
        update dispatch set server_id = null
        where seq = any(${seqs}::bigint[]) and state = 'pending' and server_id = ${this.#deps.serverId}`.execute(
        this.#deps.relaxed,
      );
    });
  }

  settle(seqs: readonly string[], outcome: 'signalled' | 'late'): Promise<void> {
    return reaching(() => this.#deps.settling.settle(seqs, outcome));
  }

  reviveSignalledSince(realAt: number): Promise<number> {
    return reaching(async () => {
      const revived = await sql`
        update dispatch set state = 'pending', server_id = null, settled_real_ms = null
        where state = 'signalled' and settled_real_ms >= ${realAt}`.execute(this.#deps.relaxed);
      return Number(revived.numAffectedRows ?? 0n);
    });
  }

  /** Puts a row that belongs to a workflow back for another signal; false where there is no such row. */
  redeliver(seq: string): Promise<boolean> {
    if (!/^\d{1,18}$/.test(seq)) return Promise.resolve(false);
    return reaching(async () => {
      const back = await sql`
        update dispatch set state = 'pending', server_id = null, settled_real_ms = null where seq = ${seq}`.execute(
        this.#deps.relaxed,
      );
      return (back.numAffectedRows ?? 0n) > 0n;
    });
  }

  depth(): Promise<{ readonly pending: number; readonly oldestReceivedAt: number | null }> {
    return reaching(async () => {
      const { rows } = await sql<{ pending: number; oldest: number | null }>`
        select count(*) as pending,
          (select i.received_real_ms from inbox i where i.seq = min(d.seq)) as oldest
        from dispatch d where d.state = 'pending'`.execute(this.#deps.relaxed);
      return { pending: rows[0]?.pending ?? 0, oldestReceivedAt: rows[0]?.oldest ?? null };
    });
  }

  heartbeat(): Promise<void> {
    return reaching(() => this.#deps.heartbeat.beat());
  }

  /** Of the span that began last, and not the latest instant: one that a wrong clock wrote would hide all that came after. */
  lastHeard(): Promise<number | null> {
    return reaching(async () => {
      const span = await this.#deps.relaxed
        .selectFrom('heard')
        .select('last_real_ms')
        .where('server_id', '<>', this.#deps.serverId)
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst();
      return span?.last_real_ms ?? null;
    });
  }

  /** Takes nothing more; resolves once every arrival is answered and repeats are counted. */
  async close(): Promise<void> {
    await this.#commits.close();
    await this.#deps.repeats.flush();
  }
}

function rowOf(arrival: Arrival): ArrivalRow {
  const sha256 = createHash('sha256').update(arrival.body).digest();
  const eventId = indexed(arrival.eventId);
  const { route } = arrival;
  return {
    arrival,
    eventId,
    workflowId: route ? indexed(workflowId(route.to, route.key)) : null,
    sha256,
    identity: identity(eventId, storable(arrival.source), sha256.toString('hex')),
  };
}
