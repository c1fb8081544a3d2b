import type { Kysely } from 'kysely';
import type { Metadata } from '../../contracts/webhooks.js';
import type { Tables } from '../tables.js';
import { names } from './body.js';
import { blank } from './document.js';
import { ERASED } from './person.js';
import type { Erased, Scope } from './scope.js';

const PAGE = 500;

/** What somebody wrote of an application or an endpoint: its name or description, and its metadata. */
interface Words {
  readonly text: string;
  readonly metadata: Metadata;
}

/**
 * Cleans the names and metadata of applications. Ids and uids stay, as everywhere. An application is the customer's where
 * its uid or a value of its metadata is exactly their id.
 */
export async function eraseApplications(db: Kysely<Tables>, scope: Scope, cursor: string | null): Promise<Erased> {
  const rows = await db
    .selectFrom('applications')
    .select(['seq', 'uid', 'name as text', 'metadata'])
    .where('seq', '>', Number(cursor ?? 0))
    .orderBy('seq')
    .limit(PAGE)
    .execute();
  const changed = changedOf(rows, scope, ({ uid, metadata }) => ({ uid, metadata }));
  for (const { seq, text, metadata } of changed)
    await db
      .updateTable('applications')
      .set({ name: text, metadata: JSON.stringify(metadata) })
      .where('seq', '=', seq)
      .execute();
  return { cursor: rows.length === PAGE ? String(rows.at(-1)?.seq) : null, erased: changed.length, knowing: {} };
}

/**
 * Cleans the descriptions and metadata of endpoints; a customer's are also all of an application of theirs. Url and
 * headers stay: without them nothing more would be delivered.
 */
export async function eraseEndpoints(db: Kysely<Tables>, scope: Scope, cursor: string | null): Promise<Erased> {
  const rows = await db
    .selectFrom('endpoints as e')
    .innerJoin('applications as a', 'a.id', 'e.application_id')
    .select(['e.seq', 'e.uid', 'e.description as text', 'e.metadata'])
    .select(['a.uid as application_uid', 'a.metadata as application_metadata'])
    .where('e.seq', '>', Number(cursor ?? 0))
    .orderBy('e.seq')
    .limit(PAGE)
    .execute();
  const changed = changedOf(rows, scope, ({ uid, metadata, application_uid, application_metadata }) => [
    { uid, metadata },
    { uid: application_uid, metadata: application_metadata },
  ]);
  for (const { seq, text, metadata } of changed)
    await db
      .updateTable('endpoints')
      .set({ description: text, metadata: JSON.stringify(metadata) })
      .where('seq', '=', seq)
      .execute();
  return { cursor: rows.length === PAGE ? String(rows.at(-1)?.seq) : null, erased: changed.length, knowing: {} };
}

/** Those whose words are others once cleaned, with these; `whose` is what tells the customer they are of. */
function changedOf<Row extends Words & { readonly seq: number }>(
  rows: readonly Row[],
  scope: Scope,
  whose: (row: Row) => unknown,
): readonly (Words & { readonly seq: number })[] {
  const { customerId } = scope;
  return rows.flatMap((row) => {
    if (customerId !== null && !names(whose(row), customerId)) return [];
    const { text, metadata } = cleaned(row, scope);
    const isSame = text === row.text && JSON.stringify(metadata) === JSON.stringify(row.metadata);
    return isSame ? [] : [{ seq: row.seq, text, metadata }];
  });
}

function cleaned({ text, metadata }: Words, { customerId, person }: Scope): Words {
  if (customerId !== null) return { text: text && ERASED, metadata: blank(metadata) };
  const pairs = Object.entries(metadata).map(([key, value]) => [person.without(key), person.without(value)] as const);
  return { text: person.without(text), metadata: Object.fromEntries(pairs) };
}
