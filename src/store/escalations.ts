import { type Kysely, sql } from 'kysely';
import type { EscalationFilter, Page } from '../contracts/read-model.js';
import type { EntityKey } from '../domain/event/key.js';
import type { EscalationView } from '../domain/onboarding/present.js';
import { indexed } from './column-values.js';
import { decodeCursor, encodeCursor, pageOf, pageSize } from './cursor.js';
import type { Tables } from './tables.js';

const ORDER = 'escalations';

/** Newest first. `unresolved` is every status but `resolved`; any other is meant exactly. */
export async function listEscalations(db: Kysely<Tables>, filter: EscalationFilter): Promise<Page<EscalationView>> {
  const { status, rule, onboarding_id, mode, cursor } = filter;
  const limit = pageSize(filter.limit);
  let query = db.selectFrom('escalations').select(['view', 'opened_virtual_ms', 'id']);
  if (status === 'unresolved') query = query.where('status', '<>', 'resolved');
  else if (status !== undefined) query = query.where('status', '=', status);
  if (rule !== undefined) query = query.where('rule', '=', rule);
  if (onboarding_id !== undefined) query = query.where('onboarding_id', '=', indexed(onboarding_id));
  if (mode !== undefined) query = query.where('mode', '=', mode);
  if (cursor !== undefined) {
    const values = decodeCursor(cursor, ORDER, ['number', 'string']);
    query = query.where(sql<boolean>`(opened_virtual_ms, id) < (${sql.join(values)})`);
  }
  const rows = await query
    .orderBy('opened_virtual_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  return pageOf(
    rows,
    limit,
    ({ view }) => view,
    (row) => encodeCursor(ORDER, [row.opened_virtual_ms, row.id]),
  );
}

/** By id, with the onboarding that carries it now. */
export async function findEscalation(
  db: Kysely<Tables>,
  id: string,
): Promise<{ readonly key: EntityKey; readonly view: EscalationView } | undefined> {
  const row = await db
    .selectFrom('escalations')
    .select(['workspace', 'mode', 'onboarding_id', 'view'])
    .where('id', '=', indexed(id))
    .executeTakeFirst();
  return row && { key: { workspace: row.workspace, mode: row.mode, id: row.onboarding_id }, view: row.view };
}
