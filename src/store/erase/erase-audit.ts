import { type Kysely, type Selectable, sql } from 'kysely';
import { indexed } from '../column-values.js';
import type { Tables } from '../tables.js';
import { blank, masked, without } from './document.js';
import { ERASED } from './person.js';
import { type Erased, isSubjectOf, type Scope } from './scope.js';

const PAGE = 500;

const ADDRESS = /[^\s@:]+@[^\s@]+/g;

type Line = Selectable<Tables['audit']>;

/**
 * Takes the person out of the audit log, the one change a line of it ever sees: who did what to which record, and when,
 * stays, in its place.
 */
export async function eraseAudit(db: Kysely<Tables>, scope: Scope, cursor: string | null): Promise<Erased> {
  const lines = await db
    .selectFrom('audit')
    .selectAll()
    .where('seq', '>', Number(cursor ?? 0))
    .orderBy('seq')
    .limit(PAGE)
    .execute();
  const changed = lines.flatMap((line) => {
    const cleaned = scope.customerId === null ? ofContact(line, scope) : ofCustomer(line, scope);
    return JSON.stringify(cleaned) === JSON.stringify(line) ? [] : [cleaned];
  });
  if (changed.length > 0) await replace(db, changed);
  return {
    cursor: lines.length === PAGE ? String(lines.at(-1)?.seq) : null,
    erased: changed.length,
    knowing: {},
  };
}

function ofContact(line: Line, { person }: Scope): Line {
  const { actor, subject, before, after, reason } = line;
  return { ...line, ...without({ actor, subject, before, after, reason }, person) };
}

function ofCustomer(line: Line, scope: Scope): Line {
  const onboarding = line.after?.['onboarding'];
  const isTheirs = [line.subject, onboarding].some((id) => typeof id === 'string' && isSubjectOf(id, scope));
  if (!isTheirs) return line;
  return {
    ...line,
    // Who acted stays told apart, and stays readable where they go by a token or an id.
    actor: line.actor.replace(ADDRESS, masked),
    before: blank(line.before),
    after: blank(line.after),
    reason: line.reason === null ? null : ERASED,
  };
}

/** A line cannot be changed, only let go of: it is written anew under its number, in the same commit. */
async function replace(db: Kysely<Tables>, lines: readonly Line[]): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`set local slipway.audit_retention = 'on'`.execute(trx);
    for (const line of lines) {
      await trx.deleteFrom('audit').where('seq', '=', line.seq).execute();
      await sql`
        insert into audit (seq, at_real_ms, actor, action, subject, before, after, reason, decision)
        overriding system value
        values (${line.seq}, ${line.at_real_ms}, ${indexed(line.actor)}, ${line.action}, ${indexed(line.subject)},
          ${line.before && JSON.stringify(line.before)}, ${line.after && JSON.stringify(line.after)}, ${line.reason},
          ${line.decision})`.execute(trx);
    }
  });
}
