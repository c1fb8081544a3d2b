import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { stopProcess, type StopStep } from '../embedded/child-process.js';
import { openDataDirectory } from '../embedded/data-directory.js';
import { findPostmaster } from '../embedded/postmaster.js';
import { startedWith } from '../embedded/process-mark.js';

const POLICY = fileURLToPath(new URL('../../config/demo.yaml', import.meta.url));
/** As config/demo.yaml has it. */
const HOOK_URL = 'http://127.0.0.1:8790/hook';
const STOP: readonly StopStep[] = [
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
];

/**
 * Empties the demo's own data directory and puts its policy there, with the address at which the demo listens. Throws
 * `EmbeddedError` where another demo is running on it. The servers of a demo that was killed are stopped first, since
 * they would go on writing to files that are gone.
 */
export async function prepareDemoData(dataDir: string, hookUrl: string): Promise<{ configFile: string }> {
  const directory = openDataDirectory(dataDir);
  try {
    await stopLeftovers(directory.path);
    for (const name of readdirSync(directory.path))
      if (!name.startsWith('slipway.lock')) rmSync(path.join(directory.path, name), { recursive: true, force: true });
    const configFile = path.join(directory.path, 'slipway.yaml');
    writeFileSync(configFile, readFileSync(POLICY, 'utf8').replace(HOOK_URL, hookUrl));
    return { configFile };
  } finally {
    directory.release();
  }
}

async function stopLeftovers(dataDir: string): Promise<void> {
  const place = recordedCluster(dataDir);
  const postgres = findPostmaster(path.join(place, 'data'));
  if (postgres) await stopProcess('PostgreSQL', 'postgres', postgres.mark, STOP);
  for (const mark of startedWith('start-dev', path.join(dataDir, 'temporal.db')))
    await stopProcess('The Temporal server', 'temporal', mark, STOP);
  if (place !== path.join(dataDir, 'postgres')) rmSync(place, { recursive: true, force: true });
}

/** Where root's PostgreSQL may not enter the data directory, its cluster lies elsewhere, and `place` says where. */
function recordedCluster(dataDir: string): string {
  const home = path.join(dataDir, 'postgres');
  try {
    return readFileSync(path.join(home, 'place'), 'utf8').trim();
  } catch {
    return home;
  }
}
