import { createHash } from 'node:crypto';
import type { Insertable, Kysely, Selectable, Transaction } from 'kysely';
import type { Projection } from '../contracts/activities.js';
import type { AuditEntry, AuditFilter, AuditLog, AuditValue } from '../contracts/audit.js';
import type { Page } from '../contracts/read-model.js';
import type { LogEntry } from '../domain/onboarding/log.js';
import { brief, indexed, storable } from './column-values.js';
import { decodeCursor, encodeCursor, pageOf, pageSize } from './cursor.js';
import type { Tables } from './tables.js';
import { reaching } from './unavailable.js';

const ORDER = 'audit';
/** Reasons are what people wrote (a note has up to 1,000 characters) or the sentence of a decision. */
const MAX_REASON = 2_000;

/** Who changed what, and why. Lines are only ever added; the table itself refuses everything else. */
export class StoredAudit implements AuditLog {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  record(entry: AuditEntry): Promise<void> {
    return reaching(() => enter(this.#db, entry));
  }

  entries(filter: AuditFilter): Promise<Page<AuditEntry & { readonly seq: string }>> {
    return reaching(async () => {
      const limit = pageSize(filter.limit);
      let query = this.#db.selectFrom('audit').selectAll();
      if (filter.actor !== undefined) query = query.where('actor', '=', storable(filter.actor));
      if (filter.action !== undefined) query = query.where('action', '=', storable(filter.action));
      if (filter.subject !== undefined) query = query.where('subject', '=', indexed(filter.subject));
      if (filter.since !== undefined) query = query.where('at_real_ms', '>=', filter.since);
      if (filter.cursor !== undefined)
        query = query.where('seq', '<', Number(decodeCursor(filter.cursor, ORDER, ['number'])[0]));
      const rows = await query
        .orderBy('seq', 'desc')
        .limit(limit + 1)
        .execute();
      return pageOf(rows, limit, shown, (row) => encodeCursor(ORDER, [row.seq]));
    });
  }
}

/** Adds one line, within whatever transaction `db` is. */
export async function enter(db: Kysely<Tables>, entry: AuditEntry): Promise<void> {
  await db.insertInto('audit').values(columns(entry)).execute();
}

/**
 * Adds what an onboarding decided, and what people had it do, in the transaction that projects it. A decision is known
 * by its number, by what it is and on what, and not by its instant: neither a projection that comes twice, nor a
 * workflow task that was done once more on a later clock, nor a read model built anew enters it again. `before` and
 * `after` are the escalation as the projection before this one left it and as it is now.
 */
export async function enterDecisions(
  trx: Transaction<Tables>,
  { entity, escalations, log }: Projection,
  now: number,
): Promise<void> {
  const decided = log.filter((entry) => !UNDECIDED.has(entry.what.kind));
  if (decided.length === 0) return;
  const before = await standings(
    trx,
    decided.flatMap((entry) => escalationOf(entry) ?? []),
  );
  const after = new Map(escalations.map(({ id, status, level }) => [id, { status, level }]));
  const rows = decided.map((entry) => {
    const escalation = escalationOf(entry);
    const [by, action] =
      entry.what.kind === 'action' ? [entry.what.action.by.id, entry.what.action.verb] : [null, entry.what.kind];
    const subject = escalation ?? entity.id;
    const send = 'send' in entry.what ? entry.what.send : null;
    // The bare id, as ever: in another form every decision that was entered before would be entered again by a rebuild.
    const identity = [entity.workspace, entity.mode, entity.id, entry.seq, by ?? SLIPWAY, action, subject, send];
    return {
      ...columns({
        at: now,
        // Whoever may act may say to act for `bootstrap` or `token:alice`: so it is no actor of the API that stands here.
        actor: by === null ? SLIPWAY : `person:${by}`,
        action: `decision.${action}`,
        subject,
        before: (escalation !== undefined && before.get(escalation)) || null,
        after: {
          onboarding: entity.id,
          at: new Date(entry.at).toISOString(),
          ...(escalation === undefined ? {} : after.get(escalation)),
        },
        reason: entry.text,
      }),
      decision: createHash('sha256').update(JSON.stringify(identity)).digest(),
    };
  });
  await trx
    .insertInto('audit')
    .values(rows)
    .onConflict((conflict) => conflict.column('decision').doNothing())
    .execute();
}

const SLIPWAY = 'slipway';

/** What a log also holds and nobody decided: what was heard, and that the clock or evidence moved. */
const UNDECIDED: ReadonlySet<LogEntry['what']['kind']> = new Set([
  'applied',
  'policy',
  'customer',
  'concluded',
  'woke',
  'updated',
]);

function escalationOf({ what }: LogEntry): string | undefined {
  if (what.kind === 'action') return 'escalationId' in what.action ? what.action.escalationId : undefined;
  return 'escalation' in what ? what.escalation : undefined;
}

async function standings(trx: Transaction<Tables>, ids: readonly string[]): Promise<ReadonlyMap<string, AuditValue>> {
  if (ids.length === 0) return new Map();
  const rows = await trx
    .selectFrom('escalations')
    .select(['id', 'status', 'level'])
    .where('id', 'in', ids.map(indexed))
    .execute();
  return new Map(rows.map(({ id, status, level }) => [id, { status, level }]));
}

const columns = (entry: AuditEntry): Insertable<Tables['audit']> => ({
  at_real_ms: entry.at,
  actor: indexed(entry.actor),
  action: indexed(entry.action),
  subject: indexed(entry.subject),
  before: entry.before && JSON.stringify(entry.before),
  after: entry.after && JSON.stringify(entry.after),
  reason: entry.reason === null ? null : brief(entry.reason, MAX_REASON),
});

const shown = (row: Selectable<Tables['audit']>): AuditEntry & { readonly seq: string } => ({
  seq: String(row.seq),
  at: row.at_real_ms,
  actor: row.actor,
  action: row.action,
  subject: row.subject,
  before: row.before,
  after: row.after,
  reason: row.reason,
});
