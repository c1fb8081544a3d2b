import { type Kysely, sql, type Transaction } from 'kysely';
import type { RebuildStore, RemadeRow } from '../contracts/rebuild.js';
import type { EntityKey } from '../domain/event/key.js';
import type { EscalationView } from '../domain/onboarding/present.js';
import { indexed, storable } from './column-values.js';
import { columns, escalationColumns, THE_NEW_ONE } from './project.js';
import type { Tables } from './tables.js';
import { reaching } from './unavailable.js';

/** Of a row that was not there: lower than any that a workflow gives, so that whatever one writes replaces it. */
const FIRST_REVISION = 1;

/** What making workflows and read model anew reads and writes beside what everybody does. */
export class StoredRebuilds implements RebuildStore {
  readonly #db: Kysely<Tables>;
  /** Its writes may be lost in a crash of the server. */
  readonly #relaxed: Kysely<Tables>;
  readonly #now: () => number;

  constructor(db: Kysely<Tables>, relaxed: Kysely<Tables>, now: () => number) {
    this.#db = db;
    this.#relaxed = relaxed;
    this.#now = now;
  }

  /** In the order of the archive's index, which is the database's own. */
  workflows(after: string | null, limit: number): Promise<readonly string[]> {
    return reaching(async () => {
      const { rows } = await sql<{ workflow_id: string }>`
        select distinct workflow_id from inbox
        where workflow_id > ${after ?? ''} and (workflow_id like 'onboarding/%' or workflow_id like 'test/onboarding/%')
        order by workflow_id limit ${Math.max(1, limit)}`.execute(this.#db);
      return rows.map(({ workflow_id }) => workflow_id);
    });
  }

  revision(key: EntityKey): Promise<number | null> {
    return reaching(async () => {
      const row = await this.#db.selectFrom('onboardings').select('revision').where(isOf(key)).executeTakeFirst();
      return row?.revision ?? null;
    });
  }

  write(remade: RemadeRow, revision: number | null): Promise<void> {
    return reaching(() =>
      this.#db.transaction().execute(async (trx) => {
        if (await this.#writeView(trx, remade, revision)) await writeCurrent(trx, remade);
        await writePast(trx, remade);
      }),
    );
  }

  async #writeView(trx: Transaction<Tables>, { projection }: RemadeRow, revision: number | null): Promise<boolean> {
    const row = columns({ ...projection, revision: revision ?? FIRST_REVISION, escalations: [], log: [] }, this.#now());
    if (revision === null) {
      const inserted = await trx
        .insertInto('onboardings')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .returning('revision')
        .executeTakeFirst();
      return inserted !== undefined;
    }
    const { numUpdatedRows } = await trx
      .updateTable('onboardings')
      .set(row)
      .where(isOf(projection.entity))
      .where('revision', '=', revision)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  reviveCustomers(): Promise<number> {
    return reaching(async () => {
      const revived = await sql`
        update dispatch d set state = 'pending', server_id = null, settled_real_ms = null from inbox i
        where i.seq = d.seq and d.state = 'signalled'
          and (i.workflow_id like 'customer/%' or i.workflow_id like 'test/customer/%')`.execute(this.#relaxed);
      return Number(revived.numAffectedRows ?? 0n);
    });
  }
}

/** Its workflow has these at hand, so the rows are its own, whoever carried them before. */
async function writeCurrent(trx: Transaction<Tables>, { projection, escalations }: RemadeRow): Promise<void> {
  if (escalations.length === 0) return;
  await trx
    .insertInto('escalations')
    .values(rowsOf(projection.entity, escalations))
    .onConflict((conflict) => conflict.column('id').doUpdateSet(THE_NEW_ONE))
    .execute();
}

async function writePast(trx: Transaction<Tables>, { projection, past, handedOver }: RemadeRow): Promise<void> {
  if (past.length > 0)
    await trx
      .insertInto('escalations')
      .values(rowsOf(projection.entity, past))
      .onConflict((conflict) =>
        conflict
          .column('id')
          .doUpdateSet(THE_NEW_ONE)
          // One that a former carrier left there, whose word is older.
          .where(sql<boolean>`escalations.onboarding_id <> excluded.onboarding_id`),
      )
      .execute();
  if (handedOver.length > 0)
    await trx
      .insertInto('escalations')
      .values(rowsOf(projection.entity, handedOver))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
}

const rowsOf = (entity: EntityKey, views: readonly EscalationView[]) =>
  views.map((view) => escalationColumns(entity, view));

const isOf = (key: EntityKey) =>
  sql<boolean>`id = ${indexed(key.id)} and workspace = ${storable(key.workspace)} and mode = ${key.mode}`;
