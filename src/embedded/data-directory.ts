import { randomBytes } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { EmbeddedError, reasonOf } from './embedded-error.js';
import { isRunning, markOf, type ProcessMark } from './process-mark.js';

/** The data directory of one running Slipway; nobody else works in it until `release`. */
export interface DataDirectory {
  /** Absolute, without symbolic links. */
  readonly path: string;
  /** Lets the next start in. To be called last, after the servers have stopped; calling it again does nothing. */
  release(): void;
}

interface Holder extends ProcessMark {
  readonly since: string;
}

const LOCK = 'slipway.lock';
/** In here a restore unpacks and compares; it is gone once everything is in its place. */
export const UNFINISHED_RESTORE = '.restoring';
/** Each try meets a lock that changed hands since the last one; more than a few in a row is not a race. */
const MOST_TRIES = 20;

/**
 * Makes the directory, proves that it can be written, and takes its lock. A lock whose process ended (kill -9, reboot)
 * is taken over. Throws `EmbeddedError`: `already_running` names the process that holds it.
 */
export function openDataDirectory(path: string): DataDirectory {
  const directory = makeWritable(resolve(path));
  const lock = join(directory, LOCK);
  const mine = takeLock(directory, lock);
  refuseHalfRestored(directory, lock);
  let held = true;
  return {
    path: directory,
    release() {
      if (held && read(lock) === mine) rmSync(lock, { force: true });
      held = false;
    },
  };
}

/** A kill in the middle of a restore: half a store must not be served from. */
function refuseHalfRestored(directory: string, lock: string): void {
  const left = join(directory, UNFINISHED_RESTORE);
  if (!existsSync(left)) return;
  rmSync(lock, { force: true });
  throw new EmbeddedError(
    'data_directory',
    `A restore into ${directory} was broken off (${left} is left of it): empty the directory and restore again.`,
  );
}

function makeWritable(path: string): string {
  try {
    makeWithParents(path);
    const probe = join(path, `.probe-${process.pid}`);
    writeFileSync(probe, 'writable', { flush: true });
    rmSync(probe);
    return realpathSync(path);
  } catch (error) {
    throw new EmbeddedError(
      'data_directory',
      `The data directory ${path} cannot be written (${reasonOf(error)}): make it writable for this account, or set SLIPWAY_DATA_DIR to a directory that is.`,
      { cause: error },
    );
  }
}

/** Step by step: Node's own recursive mkdir never returns under /proc, which answers ENOENT for a path that has a parent. */
function makeWithParents(path: string): void {
  if (existsSync(path)) return;
  makeWithParents(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another start may have made it in this instant.
    if (!existsSync(path)) throw error;
  }
}

/** A lock is linked into place whole, so that nobody ever reads a half-written one. */
function takeLock(directory: string, lock: string): string {
  const content = `${JSON.stringify({ ...markOf(process.pid), since: new Date().toISOString() })}\n`;
  const draft = join(directory, `${LOCK}.${process.pid}.${randomBytes(4).toString('hex')}`);
  writeFileSync(draft, content, { mode: 0o600 });
  try {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      if (link(draft, lock)) return content;
      const found = read(lock);
      const holder = found === null ? null : parse(found);
      if (holder !== null && isRunning(holder)) throw alreadyRunning(directory, holder);
      if (found !== null) setAside(lock, found);
    }
    throw new EmbeddedError('data_directory', `The lock ${lock} cannot be taken: delete it if no Slipway runs.`);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Two starts may meet the same stale lock. The loser of the race may have moved the winner's lock: it puts it back. */
function setAside(lock: string, stale: string): void {
  const aside = `${lock}.stale.${randomBytes(4).toString('hex')}`;
  try {
    renameSync(lock, aside);
  } catch {
    return;
  }
  if (read(aside) !== stale) link(aside, lock);
  rmSync(aside, { force: true });
}

function alreadyRunning(directory: string, holder: Holder): EmbeddedError {
  return new EmbeddedError(
    'already_running',
    `Slipway already runs on ${directory} (process ${holder.pid}, since ${holder.since}): stop that one first, or set SLIPWAY_DATA_DIR to another directory.`,
  );
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new EmbeddedError(
      'data_directory',
      `The lock ${to} cannot be made (${reasonOf(error)}): set SLIPWAY_DATA_DIR to a directory on a local disk.`,
      {
        cause: error,
      },
    );
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function parse(text: string): Holder | null {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return null;
  }
}
