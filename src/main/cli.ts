#!/usr/bin/env node
import { runProgram } from '../cli/program.js';
import { EmbeddedError } from '../embedded/embedded-error.js';
import { ask } from './ask.js';
import { withFiles } from './environment.js';
import { programFor } from './program.js';
import { SettingError } from './settings.js';

const out = (text: string) => process.stdout.write(text);
const err = (text: string) => process.stderr.write(text);
const columns = process.stdout.columns ?? Number.POSITIVE_INFINITY;

// Whoever read our output may go first: `| head`, or the `| tee` that the same Ctrl-C ends. That must not end a start
// before its servers are stopped.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const terminal = { out, err, columns, ...(process.stdin.isTTY && process.stderr.isTTY ? { ask } : {}) };

try {
  process.exitCode = await runProgram(programFor(withFiles(process.env), terminal), process.argv.slice(2), err);
} catch (error) {
  const isOurs = error instanceof SettingError || error instanceof EmbeddedError;
  err(
    `${isOurs ? error.message : `Something unforeseen went wrong: ${error instanceof Error ? error.message : String(error)}`}\n`,
  );
  // Not only the code: what a start holds of the Temporal client would keep the process up for ever.
  process.exit(1);
}
