import { type Kysely, sql } from 'kysely';
import type { PurgePage, Purged, RetentionPlan, RetentionStore } from '../contracts/care.js';
import type { RetentionStage } from '../contracts/retention-stages.js';
import { toVirtual } from '../domain/time/clock.js';
import { type Ended, endings, unknownWorkflow } from './endings.js';
import type { Tables } from './tables.js';
import { reaching } from './unavailable.js';
import { expirePayloads, purgeMessages } from './webhooks/purge.js';

/** Looked at in one statement: some milliseconds, so that an arrival that meets a row being deleted hardly waits. */
const PAGE = 500;
/** Requests are answered as before for a day (see `idempotency.ts`), on the database's clock. */
const REQUESTS_KEPT_HOURS = 24;
/** The cursor of outgoing messages while some lose what they say, before any is deleted. */
const PAYLOADS = 'payloads';

/**
 * Deletes what is over, a page at a time and in the order it came, through the primary keys alone: there is no index for
 * it that arrivals would have to keep up. It stops at the first row that is too young for every rule.
 */
export class StoredRetention implements RetentionStore {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  purge({ stage, plan, cursor }: PurgePage): Promise<Purged> {
    return reaching(() => this.#stages[stage](plan, cursor));
  }

  readonly #stages: Readonly<Record<RetentionStage, (plan: RetentionPlan, cursor: string | null) => Promise<Purged>>> =
    {
      events: (plan, cursor) => this.#events(plan, cursor),
      sends: (plan, cursor) => this.#sends(plan, cursor),
      rejections: (plan) =>
        this.#oldest(sql`
      delete from rejections where seq in (
        select seq from (select seq, at_real_ms from rejections order by seq limit ${PAGE}) oldest
        where at_real_ms < ${plan.rejections})`),
      audit: (plan) => this.#audit(plan),
      tokens: (plan) =>
        this.#oldest(sql`
      delete from api_tokens where id in (
        select id from api_tokens
        where least(revoked_real_ms, expires_real_ms) < ${plan.audit} limit ${PAGE})`),
      requests: () =>
        this.#oldest(sql`
      delete from changes where id in (
        select id from changes
        where done and begun_at < clock_timestamp() - make_interval(hours => ${REQUESTS_KEPT_HOURS}) limit ${PAGE})`),
      messages: (plan, cursor) => this.#messages(plan, cursor),
    };

  async #events(plan: RetentionPlan, cursor: string | null): Promise<Purged> {
    const rows = await this.#db
      .selectFrom('inbox')
      .select(['seq', 'source', 'workflow_id', 'received_virtual_ms'])
      .where('seq', '>', Number(cursor ?? 0))
      .orderBy('seq')
      .limit(PAGE)
      .execute();
    const newest = Math.max(plan.events, ...Object.values(plan.eventsBySource));
    const young = rows.findIndex((row) => row.received_virtual_ms > newest);
    const old = young < 0 ? rows : rows.slice(0, young);
    const ended = await this.#ended(
      plan,
      old.flatMap((row) => row.workflow_id ?? []),
    );
    const over = old.filter((row) => {
      const limit = own(plan.eventsBySource, row.source) ?? plan.events;
      const end = row.workflow_id === null ? row.received_virtual_ms : ended(row.workflow_id, row.received_virtual_ms);
      return Math.max(end, row.received_virtual_ms) <= limit;
    });
    const deleted = over.length === 0 ? 0 : await this.#deleteEvents(over.map(({ seq }) => seq));
    return { cursor: young < 0 && rows.length === PAGE ? String(rows.at(-1)?.seq) : null, deleted };
  }

  /** One that was put back for another signal meanwhile stays until the next run. */
  async #deleteEvents(seqs: readonly number[]): Promise<number> {
    const { rows } = await sql<{ gone: number }>`
      with gone as (
        delete from inbox where seq = any(${seqs}::bigint[])
          and not exists (select 1 from dispatch d where d.seq = inbox.seq and d.state = 'pending')
        returning seq
      ), settled as (
        delete from dispatch where seq in (select seq from gone)
      )
      select count(*) as gone from gone`.execute(this.#db);
    return rows[0]?.gone ?? 0;
  }

  async #messages(plan: RetentionPlan, cursor: string | null): Promise<Purged> {
    const isOfPayloads = cursor === null || cursor === PAYLOADS;
    if (isOfPayloads && plan.at !== undefined && (await expirePayloads(this.#db, plan.at)))
      return { cursor: PAYLOADS, deleted: 0 };
    return purgeMessages(this.#db, plan.messages ?? Number.NEGATIVE_INFINITY, isOfPayloads ? null : cursor);
  }

  async #sends(plan: RetentionPlan, cursor: string | null): Promise<Purged> {
    const rows = await this.#db
      .selectFrom('sends')
      .select(['key', 'workflow_id'])
      .where('key', '>', cursor ?? '')
      .orderBy('key')
      .limit(PAGE)
      .execute();
    const ended = await this.#ended(
      plan,
      rows.map((row) => row.workflow_id),
    );
    const over = rows.filter((row) => ended(row.workflow_id, Number.POSITIVE_INFINITY) <= plan.sends);
    if (over.length > 0)
      await this.#db
        .deleteFrom('sends')
        .where(
          'key',
          'in',
          over.map(({ key }) => key),
        )
        .execute();
    return { cursor: rows.length === PAGE ? (rows.at(-1)?.key ?? null) : null, deleted: over.length };
  }

  /** When the last that needs it closed, virtual; `otherwise` for a customer who never had an onboarding. */
  async #ended(
    { clock }: RetentionPlan,
    workflowIds: readonly string[],
  ): Promise<(workflowId: string, otherwise: number) => number> {
    const ended = await endings(this.#db, workflowIds, (real) => toVirtual(clock, real));
    return (workflowId, otherwise) => instantOf(ended.get(workflowId) ?? unknownWorkflow(workflowId), otherwise);
  }

  #audit(plan: RetentionPlan): Promise<Purged> {
    return this.#db.transaction().execute(async (trx) => {
      // The one thing the log lets go of lines for; the setting ends with the transaction.
      await sql`set local slipway.audit_retention = 'on'`.execute(trx);
      return this.#oldest(
        sql`
        delete from audit where seq in (
          select seq from (select seq, at_real_ms from audit order by seq limit ${PAGE}) oldest
          where at_real_ms < ${plan.audit})`,
        trx,
      );
    });
  }

  async #oldest(statement: ReturnType<typeof sql>, db: Kysely<Tables> = this.#db): Promise<Purged> {
    const deleted = Number((await statement.execute(db)).numAffectedRows ?? 0n);
    return { cursor: deleted === PAGE ? 'more' : null, deleted };
  }
}

function instantOf(ended: Ended, otherwise: number): number {
  if (ended === 'open') return Number.POSITIVE_INFINITY;
  return ended === 'never_began' ? otherwise : ended.closedAt;
}

const own = (lengths: Readonly<Record<string, number>>, name: string): number | undefined =>
  Object.hasOwn(lengths, name) ? lengths[name] : undefined;
