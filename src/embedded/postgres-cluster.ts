import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { EmbeddedError, type Progress, reasonOf } from './embedded-error.js';
import type { PostgresBinaries } from './postgres-binaries.js';
import { nameFor, placePostgres, type PostgresPlace } from './postgres-place.js';
import { findPostmaster } from './postmaster.js';

export const SUPERUSER = 'slipway';
export const DATABASE = 'slipway';
const INITDB_WITHIN_MS = 120_000;
/** From this version on PostgreSQL brings its own Unicode rules: the same on every machine, and case folds beyond ASCII. */
const FIRST_WITH_BUILTIN_LOCALE = 17;

/** The password of the superuser; made at first, then kept in the data directory, readable to its owner alone. */
export function clusterPassword(place: PostgresPlace): string {
  const file = join(place.home, 'password');
  if (!existsSync(file)) {
    if (existsSync(place.cluster)) throw passwordLost(place, 'is missing');
    writeFileSync(file, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600, flush: true });
  }
  return readFileSync(file, 'utf8').trim();
}

/** A connection to the cluster of a data directory that serves now, as its superuser: not for logs. */
export function clusterUrl(dataDir: string): string {
  const place = placePostgres(dataDir);
  const port = findPostmaster(place.cluster)?.port;
  if (port === undefined) throw new EmbeddedError('postgres', `No PostgreSQL serves from ${place.cluster}.`);
  return `postgres://${SUPERUSER}:${clusterPassword(place)}@127.0.0.1:${port}/${DATABASE}?sslmode=disable`;
}

export function passwordLost(place: PostgresPlace, what: string): EmbeddedError {
  return new EmbeddedError(
    'postgres',
    `The password of the store ${what} (${join(place.home, 'password')}): put that file back, or move ${place.cluster} away to begin with an empty store.`,
  );
}

/**
 * Makes the cluster where there is none. It is built beside its place and moved there when it is whole, so that a kill
 * in the middle leaves nothing that looks like a store.
 */
export async function ensureCluster(
  place: PostgresPlace,
  find: () => PostgresBinaries,
  progress: Progress,
): Promise<PostgresBinaries> {
  const password = clusterPassword(place);
  const binaries = find();
  if (existsSync(place.cluster)) return binaries;
  progress(`making a PostgreSQL ${binaries.major} store in ${place.cluster}`);
  const draft = `${place.cluster}.new`;
  const passwordFile = join(place.home, 'data.password');
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  try {
    if (place.account !== undefined) {
      for (const path of [draft, passwordFile]) chownSync(path, place.account.uid, place.account.gid);
    }
    await initdb(binaries, draft, place);
    renameSync(draft, place.cluster);
    syncDirectory(dirname(place.cluster));
    return binaries;
  } catch (error) {
    throw new EmbeddedError(
      'postgres',
      `PostgreSQL could not make its store in ${dirname(place.cluster)} (${reasonOf(error)}): put that right, then start again.`,
      { cause: error },
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

async function initdb(binaries: PostgresBinaries, data: string, place: PostgresPlace): Promise<void> {
  const locale =
    binaries.major >= FIRST_WITH_BUILTIN_LOCALE
      ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
      : ['--locale=C'];
  const name = nameFor(place, data);
  const args = ['-D', name, '-U', SUPERUSER, `--pwfile=${name}/../data.password`, '--auth=scram-sha-256'];
  const handed = openSync(data, 'r');
  const child = spawn(join(binaries.bin, 'initdb'), [...args, '--encoding=UTF8', ...locale], {
    stdio: ['ignore', 'ignore', 'pipe', handed],
    cwd: '/',
    env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/bin:/usr/bin' },
    timeout: INITDB_WITHIN_MS,
    ...place.account,
  });
  closeSync(handed);
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code !== 0) throw new Error(said.trim() || `initdb ended with ${signal ?? `exit code ${code}`}`);
}

/** PostgreSQL syncs what it writes, but the move to its place is ours: a power cut must not undo it under later commits. */
function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r');
  fsyncSync(handle);
  closeSync(handle);
}
