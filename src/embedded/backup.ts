import { constants, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type BackedUpFile, type BackupManifest, MANIFEST, PLATFORM } from './backup-manifest.js';
import { BaseBackup, clusterEntries, walEntries } from './base-backup.js';
import { openDataDirectory } from './data-directory.js';
import { EmbeddedError, type Progress, reasonOf } from './embedded-error.js';
import { whileFrozen } from './freeze.js';
import { clusterUrl } from './postgres-cluster.js';
import { findPostmaster } from './postmaster.js';
import { markOf, startedWith } from './process-mark.js';
import { RESTORED, restoredMark } from './restored-mark.js';
import { bytes, directory, file, tarBytes, type TarEntry } from './tar-entries.js';
import { temporalDatabase, temporalFiles } from './temporal-database.js';

export interface BackupOptions {
  readonly dataDir: string;
  /** The archive to be written; must not be there yet. */
  readonly to: string;
  /** Of Slipway. */
  readonly version: string;
  readonly progress: Progress;
}

/** Of this run alone, or fetched and made anew: everything else at the top of a data directory is kept. */
const LEFT_OUT = /^(slipway\.lock.*|temporal\.(pid|db|log).*|slipway\.log.*|\.probe-.*)$/;

/**
 * Copies a data directory into one archive while Slipway serves from it: the store, the Temporal server's file, and the
 * secrets that were made for it. The archive opens everything, so it is readable to its owner alone. Returns what is in
 * it. Throws `EmbeddedError`; then no archive is left.
 *
 * The order is what makes two files one point in time. The store's files come first, which may take minutes. Then the
 * Temporal server is held, its file is copied as a kill at that instant would leave it, the store's backup is ended,
 * and only then does the server go on. So the store in the copy ends at the very instant of Temporal's file or a moment
 * after it, never before:
 * - An event of the copy that Temporal's file does not know yet is unsignalled in the store, or was settled within the
 *   moment; a start after the restore signals again what was settled since shortly before (`restored.json`).
 * - A send that Temporal's file knows of is in the store's record of sends; one that left while the server was held is
 *   too, so that the workflow, which tries it again, is told that it was sent.
 * Were the store the older of the two, workflows would hold events that the archive never had, and a call that was out
 * would be made once more.
 */
export async function backUp(options: BackupOptions): Promise<BackupManifest> {
  const dataDir = resolve(options.dataDir);
  const target = resolve(options.to);
  refuseTarget(target, dataDir);
  if (!existsSync(join(dataDir, 'postgres', 'data', 'PG_VERSION'))) {
    throw new EmbeddedError(
      'backup',
      `There is no store in ${dataDir}: set SLIPWAY_DATA_DIR to the directory that Slipway runs on.`,
    );
  }
  const draft = `${target}.unfinished`;
  const files: BackedUpFile[] = [];
  const copy = new Copy(dataDir, options, files);
  try {
    const archive = await open(draft, 'wx', 0o600);
    try {
      await pipeline(
        Readable.from(tarBytes(copy.entries(), (done) => files.push(done))),
        createGzip({ level: 1 }),
        archive.createWriteStream({ flush: true }),
      );
    } finally {
      await archive.close().catch(() => {});
    }
    await rename(draft, target);
    return copy.manifest;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') await rm(draft, { force: true });
    if (error instanceof EmbeddedError) throw error;
    throw new EmbeddedError(
      'backup',
      `The backup of ${dataDir} was given up (${reasonOf(error)}), and no archive was left: put that right, then try again.`,
      { cause: error },
    );
  }
}

function refuseTarget(target: string, dataDir: string): void {
  if (existsSync(target)) {
    throw new EmbeddedError('backup', `${target} is there already: a backup is never written over; give a new name.`);
  }
  if (!relative(dataDir, dirname(target)).startsWith('..')) {
    throw new EmbeddedError(
      'backup',
      `${target} lies in the data directory itself, and would go with it: write the backup to another disk.`,
    );
  }
}

class Copy {
  #manifest: BackupManifest | undefined;
  readonly #startedAt = Date.now();
  readonly #cluster: string;

  constructor(
    private readonly dataDir: string,
    private readonly options: BackupOptions,
    private readonly files: readonly BackedUpFile[],
  ) {
    this.#cluster = join(dataDir, 'postgres', 'data');
  }

  get manifest(): BackupManifest {
    if (!this.#manifest) throw new Error('the archive has no end');
    return this.#manifest;
  }

  entries(): AsyncGenerator<TarEntry> {
    return findPostmaster(this.#cluster) === null ? this.#atRest() : this.#serving();
  }

  async *#serving(): AsyncGenerator<TarEntry> {
    const { progress } = this.options;
    const backup = await BaseBackup.begin(clusterUrl(this.dataDir));
    try {
      progress('copying the store while it serves');
      yield* this.#ownFiles();
      yield* clusterEntries(this.#cluster, 'postgres/data', false);
      const migrations = await backup.migrations();
      const temporal = await this.#temporal(() => backup.end());
      const end = temporal.result;
      yield* this.#copied(temporal.copy);
      yield* walEntries(this.#cluster, 'postgres/data', end);
      yield this.#end(migrations, temporal);
    } finally {
      await backup.close();
      this.#clear();
    }
  }

  /** Nothing serves: the lock keeps it so. A cluster that was killed recovers from its own log. */
  async *#atRest(): AsyncGenerator<TarEntry> {
    const { progress } = this.options;
    const held = openDataDirectory(this.dataDir);
    try {
      progress('copying the store at rest');
      yield* this.#ownFiles();
      yield* clusterEntries(this.#cluster, 'postgres/data', true);
      const temporal = await this.#temporal(async () => undefined);
      yield* this.#copied(temporal.copy);
      yield this.#end([], temporal);
    } finally {
      this.#clear();
      held.release();
    }
  }

  async *#ownFiles(): AsyncGenerator<TarEntry> {
    for (const found of readdirSync(this.dataDir, { withFileTypes: true })) {
      if (!found.isFile() || LEFT_OUT.test(found.name) || found.name === RESTORED) continue;
      const entry = await file(found.name, join(this.dataDir, found.name));
      if (entry) yield entry;
    }
    yield directory('postgres');
    yield bytes('postgres/password', readFileSync(join(this.dataDir, 'postgres', 'password')));
  }

  /** Holds the server no longer than a copy on the same disk takes; the slow way into the archive comes after. */
  async #temporal<T>(then: () => Promise<T>) {
    const there = existsSync(temporalDatabase(this.dataDir));
    const copy = there ? this.#makeSpace() : null;
    const servers = startedWith('start-dev', temporalDatabase(this.dataDir));
    const frozen = await whileFrozen(servers, async () => {
      if (copy !== null) {
        for (const from of temporalFiles(this.dataDir).filter((path) => existsSync(path))) {
          copyFileSync(from, join(copy, basename(from)), constants.COPYFILE_FICLONE);
        }
      }
      return then();
    });
    if (there) this.options.progress(`Temporal was held for ${Math.round(frozen.ms)} ms`);
    return { ...frozen, copy };
  }

  async *#copied(copy: string | null): AsyncGenerator<TarEntry> {
    if (copy === null) return;
    for (const name of readdirSync(copy)) {
      const entry = await file(name, join(copy, name));
      if (entry) yield entry;
    }
  }

  #end(
    migrations: readonly string[],
    temporal: { readonly at: number; readonly ms: number; readonly copy: string | null },
  ): TarEntry {
    this.#manifest = {
      format: 1,
      slipway: this.options.version,
      platform: PLATFORM,
      postgres: readFileSync(join(this.#cluster, 'PG_VERSION'), 'utf8').trim(),
      migrations,
      startedAt: this.#startedAt,
      frozenAt: temporal.copy === null ? null : Math.min(temporal.at, this.#restoredFrom()),
      frozenMs: Math.round(temporal.ms),
      files: this.files,
    };
    return bytes(MANIFEST, Buffer.from(`${JSON.stringify(this.#manifest)}\n`));
  }

  /** A restored directory that has not told Temporal again yet hands its own mark on. */
  #restoredFrom(): number {
    return restoredMark(this.dataDir)?.frozenAt ?? Number.POSITIVE_INFINITY;
  }

  #makeSpace(): string {
    for (const name of readdirSync(this.dataDir)) {
      const pid = /^\.backup-(\d+)$/.exec(name)?.[1];
      if (pid !== undefined && markOf(Number(pid)) === null) rmSync(join(this.dataDir, name), { recursive: true });
    }
    mkdirSync(this.#space, { mode: 0o700 });
    return this.#space;
  }

  #clear(): void {
    rmSync(this.#space, { recursive: true, force: true });
  }

  get #space(): string {
    return join(this.dataDir, `.backup-${process.pid}`);
  }
}
