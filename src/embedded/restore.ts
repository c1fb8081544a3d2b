import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  createReadStream,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar';
import { type BackupManifest, MANIFEST, PLATFORM } from './backup-manifest.js';
import { openDataDirectory, UNFINISHED_RESTORE } from './data-directory.js';
import { EmbeddedError, type Progress, reasonOf } from './embedded-error.js';
import { markRestored } from './restored-mark.js';
import { accountFor } from './unprivileged-account.js';

export interface RestoreOptions {
  readonly from: string;
  /** Must be empty, or not there. */
  readonly dataDir: string;
  readonly progress: Progress;
}

/**
 * Unpacks a backup into an empty data directory; the next start serves from it. Every file is compared with its
 * checksum before any is put in its place. Throws `EmbeddedError`; then the directory is as empty as before.
 */
export async function restore(options: RestoreOptions): Promise<BackupManifest> {
  const from = resolve(options.from);
  if (!existsSync(from)) throw new EmbeddedError('backup', `There is no ${from}: give the file that a backup wrote.`);
  const directory = openDataDirectory(options.dataDir);
  const room = join(directory.path, UNFINISHED_RESTORE);
  try {
    refuseFull(directory.path);
    await mkdir(room, { mode: 0o700 });
    try {
      options.progress('unpacking');
      await unpack(from, room);
      options.progress('comparing every file with its checksum');
      const manifest = await checked(room, from);
      putInPlace(room, directory.path, manifest);
      return manifest;
    } finally {
      rmSync(room, { recursive: true, force: true });
    }
  } finally {
    directory.release();
  }
}

function refuseFull(path: string): void {
  const found = readdirSync(path).filter((name) => !name.startsWith('slipway.lock'));
  if (found.length > 0) {
    throw new EmbeddedError(
      'data_directory',
      `${path} is not empty (${found[0]}${found.length > 1 ? ' and more' : ''}): a restore writes over nothing; move it away, or set SLIPWAY_DATA_DIR to another directory.`,
    );
  }
}

async function unpack(from: string, room: string): Promise<void> {
  try {
    await pipeline(
      createReadStream(from),
      extract({
        cwd: room,
        strict: true,
        preserveOwner: false,
        filter: (_path, entry) => 'type' in entry && (entry.type === 'File' || entry.type === 'Directory'),
      }),
    );
  } catch (error) {
    throw damaged(from, reasonOf(error), error);
  }
}

async function checked(room: string, from: string): Promise<BackupManifest> {
  const manifest = read(room, from);
  if (manifest.platform !== PLATFORM) {
    throw new EmbeddedError(
      'backup',
      `${from} was taken on ${manifest.platform} and this machine is ${PLATFORM}, which cannot read its store: restore it on a machine of that kind.`,
    );
  }
  if (!existsSync(join(room, 'postgres/data/PG_VERSION'))) throw damaged(from, 'it holds no store');
  const named = new Set(manifest.files.map(({ path }) => path));
  for (const path of filesIn(room))
    if (path !== MANIFEST && !named.has(path)) throw damaged(from, `${path} is not its`);
  for (const { path, sha256 } of manifest.files) {
    const sum = createHash('sha256');
    await pipeline(createReadStream(join(room, path)), sum).catch((error: unknown) => {
      throw damaged(from, `${path} is missing`, error);
    });
    if (sum.digest('hex') !== sha256) throw damaged(from, `${path} has another content than was backed up`);
  }
  return manifest;
}

function read(room: string, from: string): BackupManifest {
  let manifest: BackupManifest;
  try {
    manifest = JSON.parse(readFileSync(join(room, MANIFEST), 'utf8')) as BackupManifest;
  } catch (error) {
    throw damaged(from, 'its end is missing', error);
  }
  if (manifest.format === 1) return manifest;
  throw new EmbeddedError('backup', `${from} was written by a newer Slipway: restore it with that one.`);
}

/** The store comes last: a start on what a kill left half-moved is refused, and a directory without one is empty. */
function putInPlace(room: string, path: string, manifest: BackupManifest): void {
  markRestored(room, { frozenAt: manifest.frozenAt });
  giveToPostgres(room);
  rmSync(join(room, MANIFEST));
  const names = readdirSync(room).filter((name) => name !== 'postgres');
  for (const name of [...names, 'postgres']) renameSync(join(room, name), join(path, name));
}

/** The account that PostgreSQL will run under owns the cluster; the way to it is passable and not listed. */
function giveToPostgres(room: string): void {
  const home = join(room, 'postgres');
  const cluster = join(home, 'data');
  const account = accountFor(cluster);
  chmodSync(home, account === undefined ? 0o700 : 0o711);
  if (account === undefined) return;
  const all = readdirSync(cluster, { recursive: true, encoding: 'utf8' }).map((name) => join(cluster, name));
  for (const path of [cluster, ...all]) chownSync(path, account.uid, account.gid);
}

function filesIn(room: string): string[] {
  return readdirSync(room, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((found) => !found.isDirectory())
    .map((found) => join(found.parentPath, found.name).slice(room.length + 1));
}

function damaged(from: string, why: string, cause?: unknown): EmbeddedError {
  return new EmbeddedError(
    'backup',
    `${from} is damaged or no backup of Slipway (${why}), and nothing was restored: take another copy of it.`,
    cause === undefined ? undefined : { cause },
  );
}
