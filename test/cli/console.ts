import type { CliDeps } from '../../src/cli/desk.js';
import { buildCommands, createProgram, runProgram } from '../../src/cli/program.js';
import { policyJsonSchema } from '../../src/policy-file/json-schema.js';

export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one command line against a console, as the `slipway` command would, in a terminal of this width. */
export async function slipway(
  url: string,
  words: readonly string[],
  more: { token?: string; columns?: number; ask?: CliDeps['ask'] } = {},
): Promise<Ran> {
  let out = '';
  let err = '';
  const deps = {
    url,
    columns: more.columns ?? Number.POSITIVE_INFINITY,
    ...(more.token === undefined ? {} : { token: more.token }),
    ...(more.ask === undefined ? {} : { ask: more.ask }),
    policySchema: () => Promise.resolve(policyJsonSchema()),
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
  };
  const program = createProgram(deps, '0.1.0');
  buildCommands(program, deps);
  const exit = await runProgram(program, words, deps.err);
  return { exit, out, err };
}
