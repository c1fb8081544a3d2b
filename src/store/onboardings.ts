import { type ExpressionBuilder, type Kysely, sql } from 'kysely';
import type { OnboardingFilter, OnboardingRow, Page } from '../contracts/read-model.js';
import type { EntityKey } from '../domain/event/key.js';
import type { LogEntry } from '../domain/onboarding/log.js';
import type { OnboardingView } from '../domain/onboarding/present.js';
import type { OnboardingState } from '../domain/onboarding/state.js';
import { indexed, storable } from './column-values.js';
import { decodeCursor, encodeCursor, pageOf, pageSize } from './cursor.js';
import { type OnboardingOrder, orderOf } from './onboarding-orders.js';
import type { Tables } from './tables.js';

/** One onboarding. Of several with this id the live one of the first workspace answers: `main`, then by name. */
export async function findOnboarding(
  db: Kysely<Tables>,
  id: string,
  choose: { workspace?: string; mode?: 'live' | 'test' } = {},
): Promise<OnboardingRow | undefined> {
  let query = db.selectFrom('onboardings').select(['view', 'closed', 'workflow_id']).where('id', '=', indexed(id));
  if (choose.workspace !== undefined) query = query.where('workspace', '=', storable(choose.workspace));
  if (choose.mode !== undefined) query = query.where('mode', '=', choose.mode);
  const row = await query
    .orderBy(sql`mode <> 'live'`)
    .orderBy(sql`workspace <> 'main'`)
    .orderBy(sql`workspace collate "C"`)
    .limit(1)
    .executeTakeFirst();
  if (!row) return undefined;
  const { view, closed } = row;
  const routed = await eventsOnTheirWay(db, row.workflow_id);
  return {
    key: { workspace: view.workspace, mode: view.mode, id: view.id },
    view,
    closed,
    behind: routed > view.events.applied,
  };
}

/**
 * Distinct events that the workflow has or is about to have. Compared with the view's own count of what it took in, it
 * tells whether the view lags, which instants cannot: a projection may be written after a signal it has not seen. Late
 * rows went to nobody and do not count. Where the two counts differ for another reason (a store restored from an older
 * copy), the answer is `behind` and the workflow is asked: slower, and never wrong.
 */
async function eventsOnTheirWay(db: Kysely<Tables>, workflowId: string): Promise<number> {
  const { events } = await db
    .selectFrom('inbox')
    .innerJoin('dispatch', 'dispatch.seq', 'inbox.seq')
    .select((eb) => eb.fn.count<number>('inbox.event_id').distinct().as('events'))
    .where('inbox.workflow_id', '=', workflowId)
    .where('dispatch.state', 'in', ['pending', 'signalled'])
    .executeTakeFirstOrThrow();
  return events;
}

export async function listOnboardings(db: Kysely<Tables>, filter: OnboardingFilter): Promise<Page<OnboardingView>> {
  const order = orderOf(filter.sort);
  const limit = pageSize(filter.limit);
  const direction = order.descending ? 'desc' : 'asc';
  const rows = await db
    .selectFrom('onboardings')
    .select(['view', 'id', 'workspace', 'mode', order.by.as('sorted_by')])
    .where((eb) => eb.and(conditions(eb, filter, order)))
    .orderBy(order.by, direction)
    .orderBy('id', direction)
    .orderBy('workspace', direction)
    .orderBy('mode', direction)
    .limit(limit + 1)
    .execute();
  return pageOf(
    rows,
    limit,
    ({ view }) => view,
    (row) => encodeCursor(order.name, [row.sorted_by, row.id, row.workspace, row.mode]),
  );
}

function conditions(eb: ExpressionBuilder<Tables, 'onboardings'>, filter: OnboardingFilter, order: OnboardingOrder) {
  const { health, phase, state, owner, mode, workspace, escalated, closed, customer_id, q, cursor } = filter;
  const equal = { health, phase, state, owner, mode, workspace } as const;
  return [
    ...Object.entries(equal).flatMap(([column, value]) =>
      value === undefined ? [] : [eb(column as keyof typeof equal, '=', storable(value) as never)],
    ),
    ...(escalated === undefined ? [] : [eb('escalated', '=', escalated)]),
    ...(closed === undefined ? [] : [eb('closed', '=', closed)]),
    ...(customer_id === undefined ? [] : [eb('customer_id', '=', indexed(customer_id))]),
    ...(q === undefined
      ? []
      : [eb.or((['name', 'id', 'customer_id'] as const).map((column) => eb(column, 'ilike', containing(q))))]),
    ...(cursor === undefined ? [] : [after(cursor, order)]),
  ];
}

/** The rows behind the cursor's in this order, whatever came or went since. */
function after(cursor: string, { name, by, kind, descending }: OnboardingOrder) {
  const values = decodeCursor(cursor, name, [kind, 'string', 'string', 'string']);
  const compare = sql.raw(descending ? '<' : '>');
  return sql<boolean>`(${by}, id, workspace, mode) ${compare} (${sql.join(values)})`;
}

/** A pattern for `ilike` in which the text's own `%`, `_` and `\` mean themselves. */
function containing(text: string): string {
  return `%${storable(text).replace(/[\\%_]/g, (char) => `\\${char}`)}%`;
}

export async function readLog(db: Kysely<Tables>, key: EntityKey): Promise<readonly LogEntry[]> {
  const rows = await db
    .selectFrom('decision_log')
    .select('entry')
    .where('onboarding_id', '=', indexed(key.id))
    .where('workspace', '=', storable(key.workspace))
    .where('mode', '=', key.mode)
    .orderBy('seq')
    .execute();
  return rows.map(({ entry }) => entry);
}

export async function readFinal(db: Kysely<Tables>, key: EntityKey): Promise<OnboardingState | undefined> {
  const row = await db
    .selectFrom('onboardings')
    .select('final')
    .where('id', '=', indexed(key.id))
    .where('workspace', '=', storable(key.workspace))
    .where('mode', '=', key.mode)
    .executeTakeFirst();
  return row?.final ?? undefined;
}

export async function listOpenWorkflows(
  db: Kysely<Tables>,
  cursor: string | null,
  limit: number,
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('onboardings')
    .select('workflow_id')
    .where('closed', '=', false)
    .where(sql<boolean>`workflow_id collate "C" > ${cursor ?? ''}`)
    .orderBy(sql`workflow_id collate "C"`)
    .limit(Math.max(1, limit))
    .execute();
  return rows.map(({ workflow_id }) => workflow_id);
}
