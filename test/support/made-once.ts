import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const MADE_WITHIN_MS = 120_000;
const prefixOf = (runner: number): string => `slipway-made-${runner}-`;

/**
 * Fills an empty directory with a copy of what is made once in a vitest run: the file that comes first makes it, the others
 * wait. Owners and modes come along, which Node's own copying leaves.
 */
export async function copyOnce(name: string, to: string, make: (directory: string) => Promise<void>): Promise<void> {
  const made = join(tmpdir(), `${prefixOf(process.ppid)}${name}`);
  if (claim(`${made}.claim`)) {
    const draft = join(`${made}.claim`, 'draft');
    mkdirSync(draft);
    await make(draft);
    renameSync(draft, made);
  }
  for (const until = Date.now() + MADE_WITHIN_MS; !existsSync(made); await pause(50))
    if (Date.now() > until)
      throw new Error(`${name} was not made for this test run: look for the file that failed first.`);
  await promisify(execFile)('cp', ['-a', `${made}/.`, to]);
}

function claim(directory: string): boolean {
  try {
    mkdirSync(directory);
    return true;
  } catch {
    return false;
  }
}

/** Vitest's own call at the end of a run. */
export function teardown(): void {
  for (const name of readdirSync(tmpdir()).filter((one) => one.startsWith(prefixOf(process.pid))))
    rmSync(join(tmpdir(), name), { recursive: true, force: true });
}
