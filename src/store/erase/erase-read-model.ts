import { type Kysely, sql } from 'kysely';
import { workflowId } from '../../contracts/ids.js';
import type { EntityKey } from '../../domain/event/key.js';
import type { Tables } from '../tables.js';
import { blank, without } from './document.js';
import { ERASED } from './person.js';
import type { Erased, Scope } from './scope.js';

const PAGE = 500;

/**
 * Cleans the list of onboardings. A customer's closed onboarding loses its stored final state: it would be the start
 * of another run that knows everything again, and after the erasure a new event is the beginning of something new.
 */
export async function eraseOnboardings(db: Kysely<Tables>, scope: Scope, cursor: string | null): Promise<Erased> {
  let query = db
    .selectFrom('onboardings')
    .select(['workflow_id', 'name', 'owner', 'view', 'final', 'closed'])
    .where('workflow_id', '>', cursor ?? '');
  if (scope.customerId !== null) query = query.where('workflow_id', 'in', among(scope.workflows));
  const rows = await query.orderBy('workflow_id').limit(PAGE).execute();
  const clean = cleaning(scope);
  const changed = rows.flatMap((row) => {
    const cleaned = {
      name: clean(row.name, 'name'),
      owner: clean(row.owner, 'owner'),
      view: clean(row.view),
      final: scope.customerId !== null && row.closed ? null : clean(row.final),
    };
    return same(cleaned, { name: row.name, owner: row.owner, view: row.view, final: row.final })
      ? []
      : [{ id: row.workflow_id, cleaned }];
  });
  for (const { id, cleaned } of changed) {
    const { view, final, ...texts } = cleaned;
    await db
      .updateTable('onboardings')
      .set({ ...texts, view: JSON.stringify(view), final: final && JSON.stringify(final) })
      .where('workflow_id', '=', id)
      .execute();
  }
  return {
    cursor: rows.length === PAGE ? (rows.at(-1)?.workflow_id ?? null) : null,
    erased: changed.length,
    knowing: { workflows: changed.map(({ id }) => id) },
  };
}

export async function eraseEscalations(db: Kysely<Tables>, scope: Scope, cursor: string | null): Promise<Erased> {
  let query = db
    .selectFrom('escalations')
    .select(['id', 'workspace', 'mode', 'onboarding_id', 'view'])
    .where('id', '>', cursor ?? '');
  if (scope.customerId !== null) query = query.where('onboarding_id', 'in', among(scope.onboardings));
  const rows = await query.orderBy('id').limit(PAGE).execute();
  const clean = cleaning(scope);
  const changed = rows.flatMap((row) => {
    const view = clean(row.view);
    return isOutside(row, scope) || same(view, row.view) ? [] : [{ row, view }];
  });
  for (const { row, view } of changed)
    await db
      .updateTable('escalations')
      .set({ view: JSON.stringify(view) })
      .where('id', '=', row.id)
      .execute();
  return {
    cursor: rows.length === PAGE ? (rows.at(-1)?.id ?? null) : null,
    erased: changed.length,
    knowing: { workflows: changed.map(({ row }) => idOf(row)) },
  };
}

export async function eraseDecisions(db: Kysely<Tables>, scope: Scope, cursor: string | null): Promise<Erased> {
  const after = (cursor === null ? ['', '', '', -1] : JSON.parse(cursor)) as [string, string, string, number];
  let query = db
    .selectFrom('decision_log')
    .selectAll()
    .where(sql<boolean>`(onboarding_id, workspace, mode, seq) > (${sql.join(after)})`);
  if (scope.customerId !== null) query = query.where('onboarding_id', 'in', among(scope.onboardings));
  const rows = await query
    .orderBy('onboarding_id')
    .orderBy('workspace')
    .orderBy('mode')
    .orderBy('seq')
    .limit(PAGE)
    .execute();
  const clean = cleaning(scope);
  const changed = rows.flatMap((row) => {
    const entry = clean(row.entry);
    return isOutside(row, scope) || same(entry, row.entry) ? [] : [{ row, entry }];
  });
  for (const { row, entry } of changed)
    await db
      .updateTable('decision_log')
      .set({ entry: JSON.stringify(entry) })
      .where('onboarding_id', '=', row.onboarding_id)
      .where('workspace', '=', row.workspace)
      .where('mode', '=', row.mode)
      .where('seq', '=', row.seq)
      .execute();
  const last = rows.at(-1);
  return {
    cursor:
      rows.length === PAGE && last ? JSON.stringify([last.onboarding_id, last.workspace, last.mode, last.seq]) : null,
    erased: changed.length,
    knowing: { workflows: changed.map(({ row }) => idOf(row)) },
  };
}

/** Of a customer everything people wrote goes, of a contact only their own words. */
function cleaning({ customerId, person }: Scope): <T>(document: T, key?: string) => T {
  if (customerId === null) return (document) => without(document, person);
  return (document, key) =>
    key !== undefined && typeof document === 'string' ? (ERASED as typeof document) : blank(document);
}

interface Row {
  readonly workspace: string;
  readonly mode: string;
  readonly onboarding_id: string;
}

/** Other workspaces and modes may hold the same id. */
const isOutside = (row: Row, scope: Scope): boolean => scope.customerId !== null && !scope.workflows.has(idOf(row));

const idOf = ({ workspace, mode, onboarding_id }: Row): string =>
  workflowId('onboarding', { workspace, mode: mode as EntityKey['mode'], id: onboarding_id });

/** An empty list is refused by SQL; nothing is called ''. */
const among = (ids: Iterable<string>): readonly string[] => ['', ...ids];

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
