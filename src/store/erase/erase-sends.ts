import type { Kysely } from 'kysely';
import { endings } from '../endings.js';
import type { Tables } from '../tables.js';
import { masked, maskedKey } from './document.js';
import { ERASED } from './person.js';
import type { Erased, Scope } from './scope.js';

const PAGE = 500;

/**
 * Cleans the record of messages. The key names the recipient too and keeps a message from going out twice, so it stays
 * as it is until its onboarding has closed.
 */
export async function eraseSends(db: Kysely<Tables>, scope: Scope, cursor: string | null): Promise<Erased> {
  let query = db
    .selectFrom('sends')
    .select(['key', 'workflow_id', 'recipient_id', 'error'])
    .where('key', '>', cursor ?? '');
  if (scope.customerId !== null) query = query.where('workflow_id', 'in', ['', ...scope.workflows]);
  const rows = await query.orderBy('key').limit(PAGE).execute();
  const theirs = rows.filter((row) => scope.customerId !== null || isNamed(row, scope));
  const ended = await endings(
    db,
    theirs.map((row) => row.workflow_id),
    (real) => real,
  );
  const changed = theirs.flatMap((row) => {
    const isClosed = typeof ended.get(row.workflow_id) === 'object';
    const cleaned = {
      key: isClosed ? maskedKey(row.key) : row.key,
      recipient_id: masked(row.recipient_id),
      error: row.error && (scope.customerId === null ? scope.person.without(row.error) : ERASED),
    };
    const isSame = cleaned.key === row.key && cleaned.recipient_id === row.recipient_id && cleaned.error === row.error;
    return isSame ? [] : [{ row, cleaned }];
  });
  for (const { row, cleaned } of changed)
    await db.updateTable('sends').set(cleaned).where('key', '=', row.key).execute();
  return {
    cursor: rows.length === PAGE ? (rows.at(-1)?.key ?? null) : null,
    erased: changed.length,
    knowing: { workflows: theirs.map((row) => row.workflow_id) },
  };
}

function isNamed(row: { key: string; recipient_id: string; error: string | null }, { person }: Scope): boolean {
  return [row.key, row.recipient_id, row.error ?? ''].some((text) => person.isIn(text));
}
