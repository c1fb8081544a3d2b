import type { Kysely, Selectable } from 'kysely';
import { parseWorkflowId } from '../../contracts/ids.js';
import type { Tables } from '../tables.js';
import { indexed } from '../column-values.js';
import { holds, learn, names, read, tombstone } from './body.js';
import { blank, without } from './document.js';
import { merged, NOBODY, type PersonWords } from './person.js';
import type { Erased, Scope } from './scope.js';

/** Bodies of up to 256 KiB each are read whole. */
const PAGE = 100;

type Row = Pick<Selectable<Tables['inbox']>, 'seq' | 'workflow_id' | 'route' | 'body'>;

/**
 * Finds by which words the rest is to be found: the addresses, names and ids of the person's contact records, or of
 * all contact records of a customer, and the workflows of that customer. Changes nothing.
 */
export async function learnFromArchive(db: Kysely<Tables>, scope: Scope, cursor: string | null): Promise<Erased> {
  const rows = await page(db, cursor);
  const workflows = scope.customerId === null ? [] : rows.filter((row) => isOf(row, scope.customerId)).map(workflowOf);
  const words = rows.reduce<PersonWords>((known, row) => merged(known, wordsOf(row, scope)), NOBODY);
  const listed = cursor === null && scope.customerId !== null ? await listedOnboardings(db, scope.customerId) : [];
  return { cursor: next(rows), erased: 0, knowing: { words, workflows: [...workflows, ...listed] } };
}

function wordsOf(row: Row, { customerId, person }: Scope): PersonWords {
  if (customerId === null) return learn(read(row.body), person, false);
  // Addresses in other events of a customer are those of our own people: owners, assignees.
  const isContact = row.route?.to === 'customer' && row.route.fact.kind === 'contact';
  return isContact && isOf(row, customerId) ? learn(read(row.body), person, true) : NOBODY;
}

/**
 * Puts a tombstone in the place of every body that holds the person, and cleans what was read out of it. Row, ids,
 * digest and instants stay: a repeat is still told by them, and every event is still accounted for.
 */
export async function eraseArchive(db: Kysely<Tables>, scope: Scope, cursor: string | null): Promise<Erased> {
  const rows = await page(db, cursor);
  const theirs = rows.filter((row) => !isTombstone(row.body) && isTheirs(row, scope));
  for (const row of theirs) await bury(db, row, scope);
  // Of a contact, what the fact says besides an id is what the workflow was told.
  const knowing =
    scope.customerId === null ? theirs.filter((row) => isKnownByWorkflow(row, scope)).map(workflowOf) : [];
  return { cursor: next(rows), erased: theirs.length, knowing: { workflows: knowing } };
}

function isTheirs(row: Row, scope: Scope): boolean {
  if (scope.customerId === null) return holds(read(row.body), scope.person) || isKnownByWorkflow(row, scope);
  if (row.workflow_id !== null) return scope.workflows.has(row.workflow_id);
  const body = read(row.body);
  return names(body, scope.customerId) || holds(body, scope.person);
}

const isKnownByWorkflow = ({ route }: Row, { person }: Scope): boolean =>
  route !== null && person.isIn(JSON.stringify(route));

async function bury(db: Kysely<Tables>, { seq, route }: Row, scope: Scope): Promise<void> {
  const cleaned = route && (scope.customerId === null ? without(route, scope.person) : blank(route));
  await db
    .updateTable('inbox')
    .set({
      body: tombstone(scope.erasure),
      headers: '{}',
      route: cleaned && JSON.stringify(cleaned),
    })
    .where('seq', '=', seq)
    .execute();
}

const isTombstone = (body: Buffer): boolean => /^\{"erased_by":"era_[0-9a-f]+"\}$/.test(body.toString('latin1'));

const workflowOf = ({ workflow_id }: Row): string => workflow_id ?? '';

/** Whether an event is of the customer, or of an onboarding that its record says is theirs. */
function isOf({ workflow_id, route }: Row, customerId: string | null): boolean {
  if (workflow_id === null || customerId === null) return false;
  const key = parseWorkflowId(workflow_id);
  if (key?.type === 'customer') return indexed(key.key.id) === customerId;
  return route?.to === 'onboarding' && route.fact.record.customerId === customerId;
}

async function listedOnboardings(db: Kysely<Tables>, customerId: string): Promise<string[]> {
  const rows = await db.selectFrom('onboardings').select('workflow_id').where('customer_id', '=', customerId).execute();
  return rows.map(({ workflow_id }) => workflow_id);
}

function page(db: Kysely<Tables>, cursor: string | null): Promise<Row[]> {
  return db
    .selectFrom('inbox')
    .select(['seq', 'workflow_id', 'route', 'body'])
    .where('seq', '>', Number(cursor ?? 0))
    .orderBy('seq')
    .limit(PAGE)
    .execute();
}

const next = (rows: readonly Row[]): string | null => (rows.length === PAGE ? String(rows.at(-1)?.seq) : null);
