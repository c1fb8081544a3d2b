import { type Kysely, type Selectable, sql } from 'kysely';
import type { ErasurePass, ErasureWorkflow } from '../../contracts/care.js';
import { escalationOwner, parseWorkflowId } from '../../contracts/ids.js';
import type { Tables } from '../tables.js';
import { merged, NOBODY, Person, type PersonWords } from './person.js';

/** Whose data a page looks for. */
export interface Scope {
  readonly erasure: string;
  /** Null where a contact is erased. */
  readonly customerId: string | null;
  readonly person: Person;
  /** Workflows of the customer; of a contact, those that were found to know the person. */
  readonly workflows: ReadonlySet<string>;
  /** Ids of the onboardings among them. */
  readonly onboardings: readonly string[];
}

export interface Erased {
  readonly cursor: string | null;
  readonly erased: number;
  /** What this page learned. */
  readonly knowing: Knowing;
}

export interface Knowing {
  readonly words?: PersonWords;
  readonly workflows?: Iterable<string>;
}

export function scopeOf(row: Selectable<Tables['erasures']>): Scope {
  const ids = row.workflows.map(({ workflowId }) => workflowId);
  return {
    erasure: row.id,
    customerId: row.customer_id,
    person: new Person(row.words ?? NOBODY),
    workflows: new Set(ids),
    onboardings: ids.flatMap((id) => {
      const parsed = parseWorkflowId(id);
      return parsed?.type === 'onboarding' ? [parsed.key.id] : [];
    }),
  };
}

/** Whether something done was done to the customer, an onboarding of theirs, or an escalation of one. */
export function isSubjectOf(subject: string, { customerId, onboardings }: Scope): boolean {
  const ids = [subject, escalationOwner(subject)?.id];
  return ids.some((id) => id !== undefined && (id === customerId || onboardings.includes(id)));
}

/**
 * Adds to the erasure what a page found. An erasure has one workflow, which works page after page, so nobody else
 * writes here meanwhile; a page that is tried again counts only what it still finds.
 */
export async function learned(
  db: Kysely<Tables>,
  row: Selectable<Tables['erasures']>,
  { pass, erased, knowing }: { pass: ErasurePass; erased: number; knowing: Knowing },
): Promise<void> {
  const known = new Set(row.workflows.map(({ workflowId }) => workflowId));
  const found = [...new Set(knowing.workflows ?? [])].filter((id) => !known.has(id));
  if (erased === 0 && found.length === 0 && !knowing.words) return;
  const workflows: readonly ErasureWorkflow[] = [
    ...row.workflows,
    ...found.map((workflowId) => ({ workflowId, state: 'open' as const })),
  ];
  const words = knowing.words ? merged(row.words ?? NOBODY, knowing.words) : row.words;
  await db
    .updateTable('erasures')
    .set({
      workflows: JSON.stringify(workflows),
      words: words && JSON.stringify(words),
      erased: JSON.stringify({ ...row.erased, [pass]: (row.erased[pass] ?? 0) + erased }),
    })
    .where('id', '=', row.id)
    .where(sql<boolean>`state <> 'done'`)
    .execute();
}
