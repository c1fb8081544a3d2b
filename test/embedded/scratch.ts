import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A temporary directory; `remove` is for `afterAll`, after its servers have stopped. */
export function scratch(): { path: string; remove(): void } {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-embedded-')));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export const quiet = (): void => {};
