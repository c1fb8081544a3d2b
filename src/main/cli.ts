#!/usr/bin/env node
import type { Command } from 'commander';
import { buildCommands, createProgram, runProgram } from '../cli/program.js';
import { EmbeddedError } from '../embedded/embedded-error.js';
import { ask } from './ask.js';
import { withFiles } from './environment.js';
import { addLocalVerbs } from './local-verbs.js';
import { addProcesses } from './processes.js';
import { type Environment, SettingError } from './settings.js';
import { addDemo, addSimulate, consoleUrl } from './stories.js';
import { VERSION } from './version.js';

const out = (text: string) => process.stdout.write(text);
const err = (text: string) => process.stderr.write(text);
const columns = process.stdout.columns ?? Number.POSITIVE_INFINITY;

// Whoever read our output may go first: `| head`, or the `| tee` that the same Ctrl-C ends. That must not end a start
// before its servers are stopped.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

function programFor(env: Environment): Command {
  const program = createProgram({ out, err }, VERSION);
  addProcesses(program, env);
  addDemo(program, env);
  addSimulate(program, env);
  buildCommands(program, {
    url: consoleUrl(env),
    ...(env.SLIPWAY_API_TOKEN ? { token: env.SLIPWAY_API_TOKEN } : {}),
    out,
    err,
    columns,
    ...(process.stdin.isTTY && process.stderr.isTTY ? { ask } : {}),
  });
  addLocalVerbs(program, env, { out, err, columns });
  return program;
}

try {
  process.exitCode = await runProgram(programFor(withFiles(process.env)), process.argv.slice(2), err);
} catch (error) {
  const isOurs = error instanceof SettingError || error instanceof EmbeddedError;
  err(
    `${isOurs ? error.message : `Something unforeseen went wrong: ${error instanceof Error ? error.message : String(error)}`}\n`,
  );
  // Not only the code: what a start holds of the Temporal client would keep the process up for ever.
  process.exit(1);
}
