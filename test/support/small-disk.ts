import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CHUNKS_BYTES = [1024 * 1024, 4096];
const FILLER = 'filler';

/** A file system of a few megabytes, in memory, that can be filled to its last block. Only root may have one. */
export class SmallDisk {
  private constructor(readonly directory: string) {}

  /** Undefined where this machine lets nobody mount one. */
  static mount(directory: string, megabytes: number): SmallDisk | undefined {
    try {
      const options = ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0755`, 'tmpfs', directory];
      execFileSync('mount', options, { stdio: 'ignore' });
      return new SmallDisk(directory);
    } catch {
      return undefined;
    }
  }

  fill(): void {
    const file = openSync(join(this.directory, FILLER), 'a');
    for (const bytes of CHUNKS_BYTES) writeUntilFull(file, Buffer.alloc(bytes));
    closeSync(file);
  }

  free(): void {
    rmSync(join(this.directory, FILLER), { force: true });
  }

  /** Whatever still has a file open there goes on seeing it; nothing else does. */
  unmount(): void {
    execFileSync('umount', ['--lazy', this.directory], { stdio: 'ignore' });
  }
}

/** Whether this machine lets us have one: for tests that are skipped elsewhere. */
export function hasSmallDisks(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-disk-'));
  const disk = SmallDisk.mount(directory, 1);
  disk?.unmount();
  rmdirSync(directory);
  return disk !== undefined;
}

function writeUntilFull(file: number, chunk: Buffer): void {
  for (;;) {
    try {
      if (writeSync(file, chunk) < chunk.length) return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
      throw error;
    }
  }
}
