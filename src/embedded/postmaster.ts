import { readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandOf, markOf, type ProcessMark } from './process-mark.js';

/** What a running server says of itself in its data directory. */
export interface Postmaster {
  readonly mark: ProcessMark;
  readonly port: number;
}

/** A pid above what any system gives out: PostgreSQL's own check finds nobody there. */
const NO_PID = 2_147_483_000;
const PORT_LINE = 3;

/** The server that runs on this cluster; null when there is none, whatever a pid file left behind by a kill says. */
export function findPostmaster(cluster: string): Postmaster | null {
  const lines = pidFile(cluster);
  const mark = markOf(Number(lines[0]));
  if (mark === null || !worksIn(mark.pid, cluster)) return null;
  return { mark, port: Number(lines[PORT_LINE]) };
}

/**
 * Makes the pid file of a dead server harmless: its pid may be another program's by now, and PostgreSQL would refuse to
 * start. Only the pid is overwritten; PostgreSQL reads the rest to prove that no orphan of the dead server still has
 * the shared memory, and deleting the file would take that proof away.
 */
export function disarmPidFile(cluster: string): void {
  const [pid, ...rest] = pidFile(cluster);
  if (pid === undefined || findPostmaster(cluster) !== null) return;
  writeFileSync(join(cluster, 'postmaster.pid'), [NO_PID, ...rest].join('\n'));
}

function pidFile(cluster: string): string[] {
  try {
    return readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}

/** A postmaster's working directory is its cluster; where that cannot be seen, its arguments name it. */
function worksIn(pid: number, cluster: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === cluster;
  } catch {
    return commandOf(pid).includes(cluster);
  }
}
