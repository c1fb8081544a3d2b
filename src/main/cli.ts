#!/usr/bin/env node
import { buildCommands, createProgram, runProgram } from '../cli/program.js';
import { EmbeddedError } from '../embedded/embedded-error.js';
import { addDemo, addSimulate, consoleUrl } from './stories.js';
import { runStart } from './run-start.js';
import { SettingError } from './settings.js';
import { VERSION } from './version.js';

const out = (text: string) => process.stdout.write(text);
const err = (text: string) => process.stderr.write(text);
const { env } = process;

// Whoever read our output may go first: `| head`, or the `| tee` that the same Ctrl-C ends. That must not end a start
// before its servers are stopped.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const program = createProgram({ out, err }, VERSION);
program
  .command('start')
  .description('bring up everything on this machine and serve until Ctrl-C')
  .option('--rebuild', 'make the workflows anew from the archive, for a store that came from another Temporal server')
  .action((options: { rebuild?: boolean }) => runStart(env, options));
addDemo(program, env);
addSimulate(program, env);
buildCommands(program, {
  url: consoleUrl(env),
  ...(env.SLIPWAY_API_TOKEN ? { token: env.SLIPWAY_API_TOKEN } : {}),
  out,
  err,
  columns: process.stdout.columns ?? Number.POSITIVE_INFINITY,
});

try {
  process.exitCode = await runProgram(program, process.argv.slice(2), err);
} catch (error) {
  const isOurs = error instanceof SettingError || error instanceof EmbeddedError;
  err(
    `${isOurs ? error.message : `Something unforeseen went wrong: ${error instanceof Error ? error.message : String(error)}`}\n`,
  );
  // Not only the code: what a start holds of the Temporal client would keep the process up for ever.
  process.exit(1);
}
