import type { Kysely, Selectable } from 'kysely';
import type { Tables } from '../tables.js';
import { holds, names } from './body.js';
import { type Erased, isSubjectOf, type Scope } from './scope.js';

/** Answers are read whole. */
const PAGE = 100;

type Row = Pick<Selectable<Tables['changes']>, 'id' | 'subject' | 'answer'>;

/**
 * Forgets the answers, kept for a day for repeats of a request, that name the person: a repeat is then told that it was
 * done, and no more. That an erasure was asked for names nobody, and who asked for it may ask again.
 */
export async function eraseAnswers(db: Kysely<Tables>, scope: Scope, cursor: string | null): Promise<Erased> {
  const rows = await db
    .selectFrom('changes')
    .select(['id', 'subject', 'answer'])
    .where('id', '>', Buffer.from(cursor ?? '', 'hex'))
    .where('done', '=', true)
    .where('answer', 'is not', null)
    .where('action', '<>', 'erasure.ask')
    .orderBy('id')
    .limit(PAGE)
    .execute();
  const theirs = rows.filter((row) => isTheirs(row, scope)).map(({ id }) => id);
  if (theirs.length > 0) await db.updateTable('changes').set({ answer: null }).where('id', 'in', theirs).execute();
  return {
    cursor: rows.length === PAGE ? (rows.at(-1)?.id.toString('hex') ?? null) : null,
    erased: theirs.length,
    knowing: {},
  };
}

function isTheirs({ subject, answer }: Row, scope: Scope): boolean {
  const { customerId, onboardings, person } = scope;
  if (customerId === null) return holds(answer, person);
  return isSubjectOf(subject, scope) || names(answer, customerId, onboardings);
}
