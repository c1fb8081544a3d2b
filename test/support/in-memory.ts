import { mkdirSync, readFileSync, statfsSync } from 'node:fs';

const SHARED_MEMORY = '/dev/shm';
/** A run was seen to keep 0.3 GB there. */
const ROOM_BYTES = 2 * 1024 ** 3;

/**
 * A folder in memory for what the tests make and delete again, or undefined where there is none, it is too small, or nothing
 * may be executed there. A new file on ext4 passes by every one that was deleted in the last minute or more: with a cluster
 * of PostgreSQL for each test file, and 1,300 files in each, a start took 1.7 s that takes 0.2 s here.
 */
export function folderInMemory(): string | undefined {
  try {
    const { bavail, bsize } = statfsSync(SHARED_MEMORY);
    if (Math.min(bavail * bsize, process.availableMemory()) < ROOM_BYTES || !isExecutable()) return undefined;
    const folder = `${SHARED_MEMORY}/slipway-${process.getuid?.()}`;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  } catch {
    return undefined;
  }
}

function isExecutable(): boolean {
  const mount = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .findLast((line) => line.split(' ')[1] === SHARED_MEMORY);
  return mount !== undefined && !mount.split(' ')[3]?.split(',').includes('noexec');
}
