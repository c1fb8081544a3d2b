#!/usr/bin/env node
import { Command } from 'commander';
import { EmbeddedError } from '../embedded/embedded-error.js';
import { runStart } from './run-start.js';
import { SettingError } from './settings.js';
import { VERSION } from './version.js';

const program = new Command('slipway')
  .description('Keeps customer onboardings moving.')
  .version(VERSION)
  .showHelpAfterError('(see `slipway --help`)');

program
  .command('start')
  .description('bring up everything on this machine and serve until Ctrl-C')
  .option('--rebuild', 'make the workflows anew from the archive, for a store that came from another Temporal server')
  .action((options: { rebuild?: boolean }) => runStart(process.env, options));

try {
  await program.parseAsync();
} catch (error) {
  const isOurs = error instanceof SettingError || error instanceof EmbeddedError;
  process.stderr.write(
    `${isOurs ? error.message : `Something unforeseen went wrong: ${error instanceof Error ? error.message : String(error)}`}\n`,
  );
  process.exitCode = 1;
}
