import type { Command } from 'commander';
import { runMigrate } from './migrate-process.js';
import { runStart } from './run-start.js';
import { runServer } from './server-process.js';
import { type Environment, readSettings } from './settings.js';
import { stopSignal } from './stop-signal.js';
import { runWorkerProcess } from './worker-process.js';

/** The commands that are Slipway itself: all of it on this machine, or one of its parts. */
export function addProcesses(program: Command, env: Environment): void {
  program
    .command('start')
    .description('bring up everything on this machine and serve until Ctrl-C')
    .option('--rebuild', 'make the workflows anew from the archive, for a store that came from another Temporal server')
    .action((options: { rebuild?: boolean }) => runStart(env, options));
  program
    .command('server')
    .description('serve edge and console over a shared PostgreSQL and Temporal, as one of any number')
    .action(() => runToItsEnd(env, runServer));
  program
    .command('worker')
    .description('run workflows and activities over a shared PostgreSQL and Temporal, as one of any number')
    .action(() => runToItsEnd(env, runWorkerProcess));
  program
    .command('migrate')
    .description('bring the tables of DATABASE_URL up to date and put slipway.yaml into force')
    .action(() => runMigrate(readSettings(env), (text) => process.stdout.write(`${text}\n`)));
}

async function runToItsEnd(env: Environment, run: typeof runServer): Promise<void> {
  const stopping = stopSignal(() => {});
  await run({ settings: readSettings(env), env, stopping });
  // Native handles of the Temporal client may linger for a moment; nothing of ours is left to do.
  process.exit(0);
}
