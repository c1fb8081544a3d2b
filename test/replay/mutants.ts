import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';

const SOURCES = join(import.meta.dirname, '../../src');
const PACKAGES = join(import.meta.dirname, '../../node_modules');

/** A change that must not ship without `patched`, as a substitution in one file of the workflows. */
export interface Mutant {
  readonly change: string;
  readonly file: string;
  readonly from: string | RegExp;
  readonly to: string;
}

export interface Recorded {
  readonly workflowId: string;
  readonly history: unknown;
}

/** Copies of the workflows, each changed in one place, and bundled as they would be shipped. */
export class Mutants {
  readonly #copies = mkdtempSync(join(tmpdir(), 'slipway-mutants-'));

  constructor() {
    symlinkSync(PACKAGES, join(this.#copies, 'node_modules'));
  }

  /** Throws where the file no longer holds what is to be changed. */
  async bundle({ file, from, to }: Mutant): Promise<string> {
    const copy = mkdtempSync(join(this.#copies, 'mutant-'));
    for (const room of ['workflows', 'contracts', 'domain'])
      cpSync(join(SOURCES, room), join(copy, room), { recursive: true });
    const path = join(copy, 'workflows', file);
    const before = readFileSync(path, 'utf8');
    const after = before.replace(from, to);
    if (after === before) throw new Error(`${file} no longer holds what is to be changed.`);
    writeFileSync(path, after);
    const workflowsPath = join(copy, 'workflows/index.ts');
    const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
    const bundle = join(copy, 'bundle.js');
    writeFileSync(bundle, code);
    return bundle;
  }

  forget(): void {
    rmSync(this.#copies, { recursive: true, force: true });
  }
}

/** The first history that the workflows do not reproduce; undefined where they reproduce all of them. */
export async function firstCaught(codePath: string, histories: readonly Recorded[]): Promise<string | undefined> {
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: { codePath } }, histories))
    if (error) return workflowId;
  return undefined;
}
