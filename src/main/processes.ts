import type { Command } from 'commander';
import type { runServer as RunServer } from './server-process.js';
import { type Environment, readSettings } from './settings.js';
import { stopSignal } from './stop-signal.js';

/**
 * The commands that are Slipway itself: all of it on this machine, or one of its parts. Each is loaded when it is run:
 * with all of Temporal, every other verb would take a second longer to answer.
 */
export function addProcesses(program: Command, env: Environment): void {
  program
    .command('start')
    .description('bring up everything on this machine and serve until Ctrl-C')
    .option('--rebuild', 'make the workflows anew from the archive, for a store that came from another Temporal server')
    .action(async (options: { rebuild?: boolean }) => {
      const { runStart } = await import('./run-start.js');
      await runStart(env, options);
    });
  program
    .command('server')
    .description('serve edge and console over a shared PostgreSQL and Temporal, as one of any number')
    .action(async () => runToItsEnd(env, (await import('./server-process.js')).runServer));
  program
    .command('worker')
    .description('run workflows and activities over a shared PostgreSQL and Temporal, as one of any number')
    .action(async () => runToItsEnd(env, (await import('./worker-process.js')).runWorkerProcess));
  program
    .command('migrate')
    .description('bring the tables of DATABASE_URL up to date and put slipway.yaml into force')
    .action(async () => {
      const { runMigrate } = await import('./migrate-process.js');
      await runMigrate(readSettings(env), (text) => process.stdout.write(`${text}\n`));
    });
}

async function runToItsEnd(env: Environment, run: typeof RunServer): Promise<void> {
  const stopping = stopSignal(() => {});
  await run({ settings: readSettings(env), env, stopping });
  // Native handles of the Temporal client may linger for a moment; nothing of ours is left to do.
  process.exit(0);
}
