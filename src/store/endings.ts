import { type Kysely, sql } from 'kysely';
import { parseWorkflowId } from '../contracts/ids.js';
import type { EntityKey } from '../domain/event/key.js';
import { indexed, storable } from './column-values.js';
import type { Tables } from './tables.js';

/** Whether the last that needs a workflow's records has closed. `never_began`: a customer without an onboarding so far. */
export type Ended = 'open' | 'never_began' | { readonly closedAt: number };

/**
 * Of each workflow: an onboarding has ended when it closed, a customer when the last of their onboardings did. Instants
 * virtual. Workflows that the read model does not know are left out, see `unknownWorkflow`.
 */
export async function endings(
  db: Kysely<Tables>,
  workflowIds: readonly string[],
  toVirtual: (real: number) => number,
): Promise<ReadonlyMap<string, Ended>> {
  const found = new Map<string, Ended>();
  const ids = [...new Set(workflowIds)];
  const customers = ids.filter(isCustomer);
  const onboardings = ids.filter((id) => !isCustomer(id));
  for (const row of await closes(db, onboardings)) found.set(row.workflow_id, ended(row, toVirtual));
  for (const [id, row] of await closesOfCustomers(db, customers)) found.set(id, ended(row, toVirtual));
  return found;
}

/** An onboarding that no list knows (the read model is being built anew) counts as open: nothing of it is let go. */
export const unknownWorkflow = (workflowId: string): Ended => (isCustomer(workflowId) ? 'never_began' : 'open');

export const isCustomer = (workflowId: string): boolean => parseWorkflowId(workflowId)?.type === 'customer';

interface Close {
  readonly is_open: boolean;
  readonly closed_virtual_ms: number | null;
  readonly projected_real_ms: number;
}

function ended({ is_open, closed_virtual_ms, projected_real_ms }: Close, toVirtual: (real: number) => number): Ended {
  return is_open ? 'open' : { closedAt: closed_virtual_ms ?? toVirtual(projected_real_ms) };
}

async function closes(db: Kysely<Tables>, workflowIds: readonly string[]) {
  const keys = workflowIds.flatMap((id) => parseWorkflowId(id)?.key ?? []);
  if (keys.length === 0) return [];
  return db
    .selectFrom('onboardings')
    .select(['workflow_id', 'closed_virtual_ms', 'projected_real_ms', sql<boolean>`not closed`.as('is_open')])
    .where(
      'id',
      'in',
      keys.map((key) => indexed(key.id)),
    )
    .where('workflow_id', 'in', workflowIds)
    .execute();
}

async function closesOfCustomers(
  db: Kysely<Tables>,
  workflowIds: readonly string[],
): Promise<ReadonlyMap<string, Close>> {
  const keys = workflowIds.flatMap((workflowId) => {
    const key = parseWorkflowId(workflowId)?.key;
    return key ? [{ workflowId, key }] : [];
  });
  if (keys.length === 0) return new Map();
  const rows = await db
    .selectFrom('onboardings')
    .select(['customer_id', 'workspace', 'mode'])
    .select(sql<boolean>`bool_or(not closed)`.as('is_open'))
    .select(sql<number>`max(projected_real_ms)`.as('projected_real_ms'))
    // One that closed before its close was noted hides behind the last projection, the later instant of the two.
    .select(
      sql<number | null>`case when bool_or(closed_virtual_ms is null) then null else max(closed_virtual_ms) end`.as(
        'closed_virtual_ms',
      ),
    )
    .where(
      'customer_id',
      'in',
      keys.map(({ key }) => indexed(key.id)),
    )
    .groupBy(['customer_id', 'workspace', 'mode'])
    .execute();
  const byCustomer = new Map(rows.map((row) => [JSON.stringify([row.customer_id, row.workspace, row.mode]), row]));
  return new Map(
    keys.flatMap(({ workflowId, key }) => {
      const row = byCustomer.get(named(key));
      return row ? [[workflowId, row]] : [];
    }),
  );
}

const named = (key: EntityKey): string => JSON.stringify([indexed(key.id), storable(key.workspace), key.mode]);
