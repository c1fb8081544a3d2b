import { setTimeout as delay } from 'node:timers/promises';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { bytes, directory, file, type TarEntry } from './tar-entries.js';

/** Nothing of it outlives the server, or it is made anew at a start; the directory itself must be there. */
const EMPTIED = new Set([
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
]);
const LEFT_OUT = /^(postmaster\.(pid|opts)|.*\.old|pg_internal\.init.*|pgsql_tmp.*|current_logfiles.*|t\d+_\d+.*)$/;
/** At rest it tells how a restored cluster that was never started is to be recovered; from one that serves it is ours. */
const LABEL = 'backup_label';
const CONTROL = 'global/pg_control';
/** Calls that wait for a checkpoint, and those made while the Temporal server is held. */
const BEGINS_WITHIN_MS = 300_000;
const ENDS_WITHIN_MS = 15_000;
const STABLE_WITHIN = 100;

export interface StoreEnd {
  /** The file that makes a start recover from the right place; without it the copy would be a torn one. */
  readonly label: string;
  /** Names of the first and the last segment of the write-ahead log that the copy needs. */
  readonly from: string;
  readonly to: string;
}

/**
 * A base backup of a cluster that serves meanwhile (PostgreSQL's documentation, "Making a Base Backup Using the Low
 * Level API"). Between `begin` and `end` its files may be copied in any order and state: the write-ahead log of that time,
 * which a slot keeps from being recycled, makes them whole. The slot and the backup go with the session, also when we
 * are killed.
 */
export class BaseBackup {
  private constructor(
    private readonly session: pg.Client,
    private readonly version: number,
  ) {}

  static async begin(url: string): Promise<BaseBackup> {
    const session = new pg.Client({ connectionString: url, query_timeout: BEGINS_WITHIN_MS });
    session.on('error', () => {});
    await session.connect();
    try {
      const { rows } = await session.query<{ version: string }>(
        "select current_setting('server_version_num') as version",
      );
      const version = Number(rows[0]?.version);
      await session.query(
        "select pg_create_physical_replication_slot('slipway_backup_' || pg_backend_pid(), true, true)",
      );
      await session.query(
        version >= 150_000
          ? "select pg_backup_start('slipway', true)"
          : "select pg_start_backup('slipway', true, false)",
      );
      return new BaseBackup(session, version);
    } catch (error) {
      await session.end().catch(() => {});
      throw error;
    }
  }

  /** Of the store in the copy: what migrations it has had. */
  async migrations(): Promise<readonly string[]> {
    const { rows: found } = await this.session.query<{ there: boolean }>(
      "select to_regclass('public.kysely_migration') is not null as there",
    );
    if (!found[0]?.there) return [];
    const { rows } = await this.session.query<{ name: string }>('select name from kysely_migration order by name');
    return rows.map(({ name }) => name);
  }

  /** The last instant of the copy: everything committed before this call is in it, and nothing after it. */
  async end(): Promise<StoreEnd> {
    const call = this.version >= 150_000 ? 'pg_backup_stop(false)' : 'pg_stop_backup(false, false)';
    const { rows } = await this.session.query<{ label: string; to: string }>({
      text: `select labelfile as label, pg_walfile_name(lsn) as to from ${call}`,
      query_timeout: ENDS_WITHIN_MS,
    } as pg.QueryConfig);
    const [row] = rows;
    const from = /^START WAL LOCATION: \S+ \(file ([0-9A-F]{24})\)/m.exec(row?.label ?? '')?.[1];
    if (!row || !from) throw new Error('PostgreSQL ended the backup without saying from where it is to be recovered');
    return { label: row.label, from, to: row.to };
  }

  async close(): Promise<void> {
    await this.session.end().catch(() => {});
  }
}

/** The files of a cluster, the control file last. At rest its write-ahead log is among them. */
export async function* clusterEntries(
  cluster: string,
  as: string,
  atRest: boolean,
  under = '',
): AsyncGenerator<TarEntry> {
  yield directory(join(as, under));
  for (const found of await readdir(join(cluster, under), { withFileTypes: true })) {
    const path = join(under, found.name);
    if (LEFT_OUT.test(found.name) || path === CONTROL || (path === LABEL && !atRest)) continue;
    if (found.isDirectory()) {
      if (EMPTIED.has(path) && !(atRest && path === 'pg_wal')) yield directory(join(as, path));
      else yield* clusterEntries(cluster, as, atRest, path);
    } else if (found.isFile()) {
      const entry = await file(join(as, path), join(cluster, path));
      if (entry) yield entry;
    }
  }
  if (under === '') yield bytes(join(as, CONTROL), await control(join(cluster, CONTROL)));
}

/** The label, and the write-ahead log from the begin of the backup to its end. */
export async function* walEntries(cluster: string, as: string, end: StoreEnd): AsyncGenerator<TarEntry> {
  yield bytes(join(as, LABEL), Buffer.from(end.label));
  const timeline = end.from.slice(0, 8);
  for (const name of (await readdir(join(cluster, 'pg_wal'))).sort()) {
    const isNeeded = /^[0-9A-F]{24}$/.test(name) && name.startsWith(timeline) && name >= end.from && name <= end.to;
    if (!isNeeded && !name.endsWith('.history')) continue;
    const entry = await file(join(as, 'pg_wal', name), join(cluster, 'pg_wal', name));
    if (!entry) throw new Error(`the segment ${name} of the write-ahead log has gone`);
    yield entry;
  }
}

/** PostgreSQL writes it in place: it is whole where two reads in a row are the same. */
async function control(path: string): Promise<Buffer> {
  let last = await readFile(path);
  for (let tries = 0; tries < STABLE_WITHIN; tries++) {
    await delay(2);
    const again = await readFile(path);
    if (again.equals(last)) return again;
    last = again;
  }
  throw new Error('its control file is written all the time');
}
