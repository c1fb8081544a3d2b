import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The file of the embedded Temporal server. The server makes its schema only in a file that is not there yet, so one
 * that a kill left half-made would never start again: until a server has served from it, a file beside it says so.
 */
export function temporalDatabase(dataDir: string): string {
  return join(dataDir, 'temporal.db');
}

/** Before a start: clears away what no server ever served from. */
export function beginDatabase(dataDir: string): void {
  if (existsSync(unfinished(dataDir))) for (const file of temporalFiles(dataDir)) rmSync(file, { force: true });
  if (!existsSync(temporalDatabase(dataDir))) writeFileSync(unfinished(dataDir), '');
}

/** Once a server serves from it: from now on it is kept whatever happens, and closed to other accounts. */
export function keepDatabase(dataDir: string): void {
  for (const file of temporalFiles(dataDir)) if (existsSync(file)) chmodSync(file, 0o600);
  rmSync(unfinished(dataDir), { force: true });
}

const unfinished = (dataDir: string) => join(dataDir, 'temporal.db.unfinished');
/** The file and what goes with it; together they are what a kill would leave. */
export const temporalFiles = (dataDir: string): readonly string[] =>
  ['', '-wal', '-shm'].map((suffix) => temporalDatabase(dataDir) + suffix);
