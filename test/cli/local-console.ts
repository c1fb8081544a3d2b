import type { LocalDeps } from '../../src/cli/local-deps.js';
import { buildLocalCommands } from '../../src/cli/local.js';
import { createProgram, runProgram } from '../../src/cli/program.js';
import type { Ran } from './console.js';

/** Runs one command line that needs no console, as the `slipway` command would. */
export async function local(words: readonly string[], more: Partial<LocalDeps> = {}): Promise<Ran> {
  let out = '';
  let err = '';
  const deps: LocalDeps = {
    edgeUrl: 'http://127.0.0.1:1/webhooks/pivotal',
    examine: () => Promise.resolve([]),
    now: Date.now,
    columns: Number.POSITIVE_INFINITY,
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    ...more,
  };
  const program = createProgram(deps, '0.1.0');
  buildLocalCommands(program, deps);
  const exit = await runProgram(program, words, deps.err);
  return { exit, out, err };
}
