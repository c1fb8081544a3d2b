import type { Kysely, Selectable } from 'kysely';
import type { Tables } from '../tables.js';
import { holds, names, read } from './body.js';
import { ERASED } from './person.js';
import type { Erased, Scope } from './scope.js';

const PAGE = 500;

type Row = Pick<Selectable<Tables['attempts']>, 'seq' | 'response' | 'response_headers'>;

/**
 * Takes out of the log what receivers answered, where it names the person: a receiver may echo what it was sent, or know
 * more than that, and its words stand in the log also where the payload is gone by now.
 */
export async function eraseAttempts(db: Kysely<Tables>, scope: Scope, cursor: string | null): Promise<Erased> {
  const rows = await db
    .selectFrom('attempts')
    .select(['seq', 'response', 'response_headers'])
    .where('seq', '>', Number(cursor ?? 0))
    .where('response', '<>', ERASED)
    .orderBy('seq')
    .limit(PAGE)
    .execute();
  const theirs = rows.filter((row) => isTheirs(row, scope)).map(({ seq }) => seq);
  if (theirs.length > 0)
    await db
      .updateTable('attempts')
      .set({ response: ERASED, response_headers: '{}' })
      .where('seq', 'in', theirs)
      .execute();
  return { cursor: rows.length === PAGE ? String(rows.at(-1)?.seq) : null, erased: theirs.length, knowing: {} };
}

function isTheirs({ response, response_headers }: Row, { customerId, onboardings, person }: Scope): boolean {
  const said = [read(response), response_headers];
  return customerId === null ? holds(said, person) : names(said, customerId, onboardings);
}
