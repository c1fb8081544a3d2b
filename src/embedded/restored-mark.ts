import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Left in a restored directory until the first start has put back into the inbox what Temporal's file may not know. */
export const RESTORED = 'restored.json';

export interface RestoredMark {
  /** The instant of Temporal's file, real epoch ms; null where the backup held none. */
  readonly frozenAt: number | null;
}

export function markRestored(directory: string, mark: RestoredMark): void {
  writeFileSync(join(directory, RESTORED), `${JSON.stringify(mark)}\n`, { mode: 0o600, flush: true });
}

/** Undefined where the directory was not restored, or a start has dealt with it. */
export function restoredMark(directory: string): RestoredMark | undefined {
  const file = join(directory, RESTORED);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as RestoredMark) : undefined;
}

export function forgetRestored(directory: string): void {
  rmSync(join(directory, RESTORED), { force: true });
}
