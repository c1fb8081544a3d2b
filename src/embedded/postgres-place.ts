import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { HANDED_DESCRIPTOR } from './child-process.js';
import { type Account, accountFor } from './unprivileged-account.js';

/** Where the files of the embedded PostgreSQL are, and how its account reaches them. */
export interface PostgresPlace {
  /** In the data directory: password, port, log, and the cluster. */
  readonly home: string;
  /** The cluster itself; PostgreSQL's account owns it. */
  readonly cluster: string;
  /** For a copy of the programs where PostgreSQL's account cannot use the installed ones. */
  readonly spare: string;
  /** Undefined where PostgreSQL runs as ourselves. */
  readonly account: Account | undefined;
}

/** Root's copy of the programs: a place that every account may enter, shared by all data directories. */
const SPARE_FOR_ROOT = '/var/lib/slipway';
const HANDED = '/proc/self/fd';

export function placePostgres(dataDir: string): PostgresPlace {
  const home = join(dataDir, 'postgres');
  const cluster = join(home, 'data');
  const account = accountFor(cluster);
  // Its account passes through to the password that `initdb` reads, and cannot list it.
  mkdirSync(home, { recursive: true, mode: account === undefined ? 0o700 : 0o711 });
  return { home, cluster, account, spare: account === undefined ? home : SPARE_FOR_ROOT };
}

/**
 * The name of a directory in the arguments of a program that has it open as `HANDED_DESCRIPTOR`. PostgreSQL's account
 * may not enter the way to it (it lies under /root, say), but a process may always use what it was handed. Its working
 * directory would do the same, had versions before 16 not left it.
 */
export function nameFor(place: PostgresPlace, directory: string): string {
  return place.account !== undefined && existsSync(HANDED) ? `${HANDED}/${HANDED_DESCRIPTOR}` : directory;
}
