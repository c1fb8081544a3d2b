import { type Kysely, sql } from 'kysely';
import type { NotifyOrder, NotifyResult } from '../contracts/activities.js';
import type { Intent, SendLedger } from '../contracts/read-model.js';
import { brief, indexed, storable } from './column-values.js';
import type { Tables } from './tables.js';
import { reaching } from './unavailable.js';

const MAX_ERROR = 1_000;

/** The record of sends in PostgreSQL. A key that was once sent stays sent, whatever is told of it later. */
export class StoredSends implements SendLedger {
  readonly #db: Kysely<Tables>;
  readonly #now: () => number;

  constructor(db: Kysely<Tables>, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  intend(order: NotifyOrder): Promise<Intent> {
    return reaching(async () => {
      const at = this.#now();
      const correlation = newestDelivery(order.workflowId);
      const row = await this.#db
        .insertInto('sends')
        .values({ ...columns(order), correlation, intended_real_ms: at, tries: 0 })
        // Writing the old instant over a sent one changes nothing, and makes the row come back.
        .onConflict((conflict) =>
          conflict.column('key').doUpdateSet({
            intended_real_ms: sql<number>`case when sends.outcome = 'sent' then sends.intended_real_ms else ${at} end`,
            correlation: sql<string>`case when sends.outcome = 'sent' then sends.correlation else excluded.correlation end`,
          }),
        )
        // A row that was written over has been locked, one that was made has not (PostgreSQL's `xmax`).
        .returning(['outcome', 'provider_id', 'concluded_real_ms', 'correlation', sql<boolean>`xmax = 0`.as('first')])
        .executeTakeFirstOrThrow();
      const known = { first: row.first, correlation: row.correlation };
      if (row.outcome !== 'sent') return { ...known, sent: null };
      return {
        ...known,
        sent: {
          ...(row.provider_id === null ? {} : { providerId: row.provider_id }),
          atReal: row.concluded_real_ms ?? at,
        },
      };
    });
  }

  conclude(key: string, result: NotifyResult): Promise<void> {
    if (result.outcome === 'later') return this.#held(key);
    const concluded = result.outcome === 'sent' ? sentColumns(result) : failedColumns(result, this.#now());
    return reaching(async () => {
      await this.#db
        .updateTable('sends')
        .set({ ...concluded, tries: sql<number>`tries + 1` })
        .where('key', '=', indexed(key))
        .where(sql<boolean>`outcome is distinct from 'sent'`)
        .execute();
    });
  }

  #held(key: string): Promise<void> {
    return reaching(async () => {
      await this.#db
        .updateTable('sends')
        .set({ outcome: 'held', concluded_real_ms: this.#now() })
        .where('key', '=', indexed(key))
        .where('outcome', 'is', null)
        .execute();
    });
  }

  /** A key that was tried before keeps its row and what came of that try. */
  withdraw(key: string): Promise<void> {
    return reaching(async () => {
      await this.#db.deleteFrom('sends').where('key', '=', indexed(key)).where('outcome', 'is', null).execute();
    });
  }
}

const newestDelivery = (workflowId: string) =>
  sql<
    string | null
  >`(select delivery_id from inbox where workflow_id = ${indexed(workflowId)} order by seq desc limit 1)`;

function columns(order: NotifyOrder) {
  return {
    key: indexed(order.key),
    workflow_id: storable(order.workflowId),
    escalation_id: storable(order.escalation.id),
    kind: order.kind,
    channel: storable(order.channel),
    recipient_id: storable(order.recipient.id),
    level: order.level,
  };
}

function sentColumns(result: Extract<NotifyResult, { outcome: 'sent' }>) {
  const provider_id = result.providerId === undefined ? null : storable(result.providerId);
  return { outcome: 'sent' as const, provider_id, error: null, concluded_real_ms: result.atReal };
}

function failedColumns(result: Extract<NotifyResult, { outcome: 'failed' }>, at: number) {
  return {
    outcome: 'failed' as const,
    error: brief(`${result.failure}: ${result.message}`, MAX_ERROR),
    concluded_real_ms: at,
  };
}
