import { type Insertable, sql, type Transaction } from 'kysely';
import type { Projection } from '../contracts/activities.js';
import type { EntityKey } from '../domain/event/key.js';
import type { LogEntry } from '../domain/onboarding/log.js';
import type { EscalationView, OnboardingView } from '../domain/onboarding/present.js';
import { enterDecisions } from './audit.js';
import { indexed, instant, storable } from './column-values.js';
import type { Tables } from './tables.js';
import type { WebhookDeps } from './webhooks/deps.js';
import { findBefore, tellNews } from './webhooks/own-news.js';

/**
 * Writes one projection. A view that comes late never overwrites a newer one, while its log entries, each written once,
 * are always kept: they happened, and what was decided is in the audit log with the same commit. So is what there is to
 * tell the systems that subscribe.
 */
export async function writeProjection(
  { db, ...deps }: WebhookDeps,
  projection: Projection,
): Promise<readonly LogEntry[]> {
  const now = deps.nowReal();
  const { written, woken } = await db.transaction().execute(async (trx) => {
    const found = await findBefore(trx, projection);
    const isNews = await writeView(trx, projection, now);
    // Before the escalations are written: the audit log says how they stood until now.
    await enterDecisions(trx, projection, now);
    if (isNews) await writeEscalations(trx, projection);
    return {
      written: await writeLog(trx, projection, isNews),
      woken: found ? await tellNews(trx, projection, found, isNews, deps) : [],
    };
  });
  if (woken.length > 0) deps.onWake(woken);
  return written;
}

/** False where the stored view is as new or newer. */
async function writeView(trx: Transaction<Tables>, projection: Projection, now: number): Promise<boolean> {
  const row = columns(projection, now);
  const written = await trx
    .insertInto('onboardings')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(['id', 'workspace', 'mode'])
        .doUpdateSet({ ...row, final: keptFinal(), closed_virtual_ms: keptClose() })
        .whereRef('onboardings.revision', '<', 'excluded.revision'),
    )
    .returning('revision')
    .executeTakeFirst();
  return written !== undefined;
}

/** A reopened onboarding has no final state; one that is projected again after its close keeps it. */
const keptFinal = () =>
  sql<string | null>`case when excluded.closed then coalesce(excluded.final, onboardings.final) else null end`;

const keptClose = () =>
  sql<
    number | null
  >`case when excluded.closed then coalesce(excluded.closed_virtual_ms, onboardings.closed_virtual_ms) else null end`;

export function columns(
  { entity, workflowId, revision, view, final }: Projection,
  now: number,
): Insertable<Tables['onboardings']> {
  return {
    workspace: storable(entity.workspace),
    mode: entity.mode,
    id: indexed(entity.id),
    workflow_id: indexed(workflowId),
    revision,
    name: storable(view.name),
    customer_id: view.customer_id === null ? null : indexed(view.customer_id),
    phase: storable(view.phase),
    state: view.state,
    health: view.health,
    owner: storable(view.owner),
    escalated: view.escalations.some(({ status }) => status !== 'resolved'),
    at_risk: view.at_risk,
    closed: view.closed,
    target_latest: storable(view.target.latest),
    phase_entered_virtual_ms: at(view.phase_entered_at),
    next_wake_virtual_ms: at(view.next_wake_at),
    view: JSON.stringify(view satisfies OnboardingView),
    final: final ? JSON.stringify(final) : null,
    projected_real_ms: now,
    closed_virtual_ms: instant(final?.endedAt ?? null),
  };
}

async function writeEscalations(trx: Transaction<Tables>, { entity, escalations }: Projection): Promise<void> {
  if (escalations.length === 0) return;
  await trx
    .insertInto('escalations')
    .values(escalations.map((view) => escalationColumns(entity, view)))
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet(THE_NEW_ONE)
        // A customer's escalation moves with its carrier; that the former one is done with it says nothing of the next.
        .where(sql<boolean>`escalations.onboarding_id = excluded.onboarding_id or excluded.status <> 'resolved'`),
    )
    .execute();
}

export function escalationColumns(entity: EntityKey, view: EscalationView): Insertable<Tables['escalations']> {
  return {
    id: indexed(view.id),
    workspace: storable(entity.workspace),
    mode: entity.mode,
    onboarding_id: indexed(entity.id),
    rule: view.rule,
    severity: view.severity,
    status: view.status,
    level: view.level,
    opened_virtual_ms: at(view.opened_at) ?? 0,
    view: JSON.stringify(view satisfies EscalationView),
  };
}

/** All that may change of an escalation's row, as the new one says it. */
export const THE_NEW_ONE = {
  workspace: sql<string>`excluded.workspace`,
  mode: sql<'live' | 'test'>`excluded.mode`,
  onboarding_id: sql<string>`excluded.onboarding_id`,
  severity: sql<string>`excluded.severity`,
  status: sql<string>`excluded.status`,
  level: sql<number>`excluded.level`,
  view: sql<string>`excluded.view`,
};

/**
 * Answers the entries that were not there yet. A workflow task whose end never reached the server is done once more, on a
 * later clock and perhaps with more that came in: what the first try wrote here has not happened, so the entries of the
 * newest projection replace those of their numbers, and nothing may stand behind the last of them.
 */
async function writeLog(
  trx: Transaction<Tables>,
  { entity, log }: Projection,
  isNews: boolean,
): Promise<readonly LogEntry[]> {
  const last = log.at(-1);
  if (!last) return [];
  const rows = log.map((entry) => ({
    workspace: storable(entity.workspace),
    mode: entity.mode,
    onboarding_id: indexed(entity.id),
    seq: entry.seq,
    entry: JSON.stringify(entry),
  }));
  if (isNews)
    await trx
      .deleteFrom('decision_log')
      .where('onboarding_id', '=', indexed(entity.id))
      .where('workspace', '=', storable(entity.workspace))
      .where('mode', '=', entity.mode)
      .where('seq', '>', last.seq)
      .execute();
  const written = await trx
    .insertInto('decision_log')
    .values(rows)
    .onConflict((conflict) => {
      if (!isNews) return conflict.doNothing();
      return conflict
        .columns(['onboarding_id', 'workspace', 'mode', 'seq'])
        .doUpdateSet({ entry: sql<string>`excluded.entry` })
        .where(sql<boolean>`decision_log.entry::text <> excluded.entry::text`);
    })
    .returning(['seq', sql<boolean>`xmax = 0`.as('is_new')])
    .execute();
  const seqs = new Set(written.filter((row) => row.is_new).map(({ seq }) => seq));
  return log.filter((entry) => seqs.has(entry.seq));
}

const at = (iso: string | null): number | null => instant(iso === null ? null : Date.parse(iso));
