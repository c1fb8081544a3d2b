import { randomUUID } from 'node:crypto';
import type { Kysely, Selectable } from 'kysely';
import type { AskedErasure, Erasure, ErasurePass, ErasureStore, ErasureWorkflow } from '../../contracts/care.js';
import type { Page } from '../../contracts/read-model.js';
import { brief, indexed, storable } from '../column-values.js';
import { decodeCursor, encodeCursor, pageOf, pageSize } from '../cursor.js';
import { endings, isCustomer, unknownWorkflow } from '../endings.js';
import type { Tables } from '../tables.js';
import { reaching } from '../unavailable.js';
import { PASSES } from './passes.js';
import { learned, scopeOf } from './scope.js';

const ORDER = 'erasures';
const MAX_TEXT = 1_000;

/** Erasures that were asked for, and their doing, one bounded page at a time. */
export class StoredErasures implements ErasureStore {
  readonly #db: Kysely<Tables>;
  readonly #now: () => number;

  constructor(db: Kysely<Tables>, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  ask({ subject, by, reason }: AskedErasure): Promise<Erasure> {
    const isCustomer = subject.kind === 'customer';
    const words = {
      emails: !isCustomer && subject.email ? [subject.email.toLowerCase()] : [],
      names: [],
      contacts: !isCustomer && subject.contactId ? [subject.contactId] : [],
    };
    return reaching(async () => {
      const row = await this.#db
        .insertInto('erasures')
        .values({
          id: `era_${randomUUID().replaceAll('-', '')}`,
          kind: subject.kind,
          customer_id: isCustomer ? indexed(subject.customerId) : null,
          contact_id: isCustomer || !subject.contactId ? null : storable(subject.contactId),
          words: JSON.stringify(words),
          state: 'erasing',
          asked_by: brief(by, MAX_TEXT),
          reason: brief(reason, MAX_TEXT),
          asked_real_ms: this.#now(),
          erased: '{}',
          workflows: '[]',
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      return shown(row);
    });
  }

  find(id: string): Promise<Erasure | undefined> {
    return reaching(async () => {
      const row = await this.#db.selectFrom('erasures').selectAll().where('id', '=', storable(id)).executeTakeFirst();
      return row && shown(row);
    });
  }

  list({ limit, cursor }: { readonly limit: number; readonly cursor?: string }): Promise<Page<Erasure>> {
    return reaching(async () => {
      const size = pageSize(limit);
      let query = this.#db.selectFrom('erasures').selectAll();
      if (cursor !== undefined) query = query.where('seq', '<', Number(decodeCursor(cursor, ORDER, ['number'])[0]));
      const rows = await query
        .orderBy('seq', 'desc')
        .limit(size + 1)
        .execute();
      return pageOf(rows, size, shown, (row) => encodeCursor(ORDER, [row.seq]));
    });
  }

  unfinished(): Promise<readonly string[]> {
    return reaching(async () => {
      const rows = await this.#db
        .selectFrom('erasures')
        .select('id')
        .where('state', '<>', 'done')
        .orderBy('seq')
        .execute();
      return rows.map(({ id }) => id);
    });
  }

  erase(id: string, pass: ErasurePass, cursor: string | null): Promise<{ cursor: string | null; erased: number }> {
    return reaching(async () => {
      const row = await this.#db.selectFrom('erasures').selectAll().where('id', '=', id).executeTakeFirst();
      // Nothing of it is known any more where it is done: a page that is tried once more has nothing left to do.
      if (!row || row.state === 'done') return { cursor: null, erased: 0 };
      const { cursor: next, erased, knowing } = await PASSES[pass](this.#db, scopeOf(row), cursor);
      await learned(this.#db, row, { pass, erased, knowing });
      // What comes after goes by the customer's workflows; a contact is known by their words alone.
      if (pass === 'archive' && next === null && row.customer_id !== null) await this.#forgetWords(id);
      return { cursor: next, erased };
    });
  }

  async #forgetWords(id: string): Promise<void> {
    await this.#db.updateTable('erasures').set({ words: null }).where('id', '=', id).execute();
  }

  workflows(id: string): Promise<readonly (ErasureWorkflow & { readonly mayEnd: boolean })[]> {
    return reaching(async () => {
      const { workflows } = await this.#db
        .selectFrom('erasures')
        .select('workflows')
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      const customers = workflows.map(({ workflowId }) => workflowId).filter(isCustomer);
      const ended = await endings(this.#db, customers, (real) => real);
      // An onboarding ends by itself; a customer lives on, and may be ended once none of theirs is open.
      return workflows.map((one) => ({
        ...one,
        mayEnd: isCustomer(one.workflowId) && (ended.get(one.workflowId) ?? unknownWorkflow(one.workflowId)) !== 'open',
      }));
    });
  }

  note(id: string, workflows: readonly ErasureWorkflow[]): Promise<void> {
    return reaching(async () => {
      await this.#db
        .updateTable('erasures')
        .set({ workflows: JSON.stringify(workflows), state: 'waiting' })
        .where('id', '=', id)
        .where('state', '<>', 'done')
        .execute();
    });
  }

  conclude(id: string): Promise<void> {
    return reaching(async () => {
      await this.#db
        .updateTable('erasures')
        .set({ state: 'done', words: null, done_real_ms: this.#now() })
        .where('id', '=', id)
        .where('state', '<>', 'done')
        .execute();
    });
  }
}

function shown(row: Selectable<Tables['erasures']>): Erasure {
  return {
    id: row.id,
    kind: row.kind,
    customerId: row.customer_id,
    contactId: row.contact_id,
    state: row.state,
    by: row.asked_by,
    reason: row.reason,
    askedAt: row.asked_real_ms,
    doneAt: row.done_real_ms,
    erased: row.erased,
    workflows: row.workflows,
  };
}
