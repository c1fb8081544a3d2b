import { statSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { backUp } from '../embedded/backup.js';
import { restore } from '../embedded/restore.js';
import { type Environment, readSettings, SettingError } from './settings.js';
import { VERSION } from './version.js';

/** The commands that copy a data directory and bring one back; they work on the disk of this machine. */
export function addBackup(program: Command, env: Environment, out: (text: string) => void): void {
  const progress = (text: string) => out(`  ${text}\n`);
  program
    .command('backup <file>')
    .description('copy the data directory into one file while Slipway runs; it holds the secrets made for it')
    .action(async (file: string) => {
      const { dataDir } = ownData(env);
      const { files, frozenAt } = await backUp({ dataDir, to: file, version: VERSION, progress });
      const megabytes = (statSync(file).size / 1024 / 1024).toFixed(1);
      out(
        `${path.resolve(dataDir)} is in ${file} (${megabytes} MB, ${files.length} files), which only you can read.\n`,
      );
      out('It opens everything that Slipway keeps: store it as you store passwords.\n');
      if (frozenAt === null) out('! No Temporal server of this directory: back yours up at the same time.\n');
    });
  program
    .command('restore <file>')
    .description('unpack a backup into an empty data directory; the next start serves from it')
    .action(async (file: string) => {
      const { dataDir } = ownData(env);
      const { slipway, startedAt, frozenAt } = await restore({ from: file, dataDir, progress });
      const at = new Date(frozenAt ?? startedAt).toISOString();
      out(`${path.resolve(dataDir)} is as it was at ${at}, backed up by Slipway ${slipway}.\n`);
      out(`Start it with the settings of then: SLIPWAY_DATA_DIR=${dataDir} slipway start\n`);
    });
}

function ownData(env: Environment): { readonly dataDir: string } {
  const { databaseUrl, dataDir } = readSettings(env);
  if (databaseUrl === undefined) return { dataDir };
  throw new SettingError(
    'The store is the PostgreSQL of DATABASE_URL: back it up with `pg_dump` and your Temporal server with its own tools; after a restore, `slipway start --rebuild` and `slipway rebuild --by <you>` make workflows and lists anew.',
  );
}
