import { type Kysely, Migrator, sql } from 'kysely';
import type { Observer } from '../contracts/observer.js';
import { openUnlimited } from './connections.js';
import { MIGRATIONS } from './migrations/list.js';
import type { Tables } from './tables.js';
import { reaching } from './unavailable.js';

/** Brings the tables up to date; two processes that start at once take turns (an advisory lock). Throws on failure. */
export async function migrate(url: string, observer: Observer): Promise<void> {
  const db = openUnlimited(url, observer);
  try {
    await reaching(() => migrateOver(db, observer));
  } finally {
    await db.destroy();
  }
}

async function migrateOver(db: Kysely<Tables>, observer: Observer): Promise<void> {
  await refuseOldServer(db);
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } });
  const { error, results } = await migrator.migrateToLatest();
  for (const { migrationName, status } of results ?? []) {
    if (status === 'Success') observer.log('info', `The store took the migration ${migrationName}.`);
  }
  if (error === undefined) return;
  const newer = await unknownMigrations(db);
  if (newer.length === 0) throw error;
  throw new NewerStore(
    `This store was written by a newer Slipway (it has ${newer.join(', ')}): run that version, or give this one a database of its own.`,
  );
}

async function refuseOldServer(db: Kysely<Tables>): Promise<void> {
  const asked = sql<{ version: number }>`select current_setting('server_version_num')::int as version`;
  const version = (await asked.execute(db)).rows[0]?.version ?? 0;
  if (version >= OLDEST_SERVER) return;
  throw new OldServer(
    `The PostgreSQL of DATABASE_URL is version ${Math.floor(version / 10_000)}, and Slipway needs 14 or newer: upgrade it, or use another one.`,
  );
}

/** The oldest that Slipway is tested with, as PostgreSQL's `server_version_num` says it. */
const OLDEST_SERVER = 140_000;

/** Migrations the store has taken that this version does not know. */
async function unknownMigrations(db: Kysely<Tables>): Promise<readonly string[]> {
  const rows = await db.selectFrom('kysely_migration').select('name').execute();
  return rows.map((row) => row.name).filter((name) => !(name in MIGRATIONS));
}

/** Whether every migration of this version has been taken. */
export async function isMigrated(db: Kysely<Tables>): Promise<boolean> {
  try {
    const rows = await db.selectFrom('kysely_migration').select('name').execute();
    const taken = new Set(rows.map((row) => row.name));
    return Object.keys(MIGRATIONS).every((name) => taken.has(name));
  } catch (error) {
    if ((error as { code?: string }).code === UNDEFINED_TABLE) return false;
    throw error;
  }
}

/** SQLSTATE of an empty database, where not even the list of migrations is. */
const UNDEFINED_TABLE = '42P01';

/** The store belongs to a newer version of Slipway. */
export class NewerStore extends Error {
  override readonly name = 'NewerStore';
}

/** The server of the store is older than Slipway can use. */
export class OldServer extends Error {
  override readonly name = 'OldServer';
}
