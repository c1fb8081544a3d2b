import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { type ChildServer, type StopStep, startChild, stopProcess } from './child-process.js';
import { EmbeddedError, type Progress } from './embedded-error.js';
import { anyFreePort, isFree } from './free-port.js';
import { findPostgres, type PostgresBinaries } from './postgres-binaries.js';
import { clusterPassword, DATABASE, ensureCluster, passwordLost, SUPERUSER } from './postgres-cluster.js';
import { nameFor, type PostgresPlace, placePostgres } from './postgres-place.js';
import { disarmPidFile, findPostmaster, type Postmaster } from './postmaster.js';
import { isRunning, type ProcessMark } from './process-mark.js';

export interface PostgresOptions {
  /** Of `openDataDirectory`: absolute, and locked by us. */
  readonly dataDir: string;
  readonly progress: Progress;
  /** Only where it must be this one; else a free port is chosen once and kept in the data directory. */
  readonly port?: number | undefined;
  /** A directory that holds `bin/`, for a version of one's own; else npm's, else the machine's. */
  readonly binaries?: string | undefined;
}

export interface RunningPostgres {
  /** A connection string with the password in it: not for logs. */
  readonly url: string;
  /** True when a server that an earlier start left running was taken over. */
  readonly adopted: boolean;
  /** Fast shutdown: sessions are cut, nothing committed is lost. May be called again. */
  stop(): Promise<void>;
}

/** Crash recovery of a large write-ahead log takes its time; an early end is noticed at once. */
const READY_WITHIN_MS = 300_000;
const CONNECT_WITHIN_MS = 5_000;
const MOST_STARTS = 5;
const BETWEEN_STARTS_MS = 1_000;
/** Fast shutdown, then immediate shutdown (recovery at the next start), then the hard way. */
const STOP: readonly StopStep[] = [
  ['SIGINT', 60_000],
  ['SIGQUIT', 10_000],
  ['SIGKILL', 5_000],
];

/**
 * Brings up the embedded PostgreSQL of a data directory and waits until it answers. A server that still runs on this
 * very cluster is adopted; one that does not answer is stopped; a cluster whose server was killed recovers.
 * Throws `EmbeddedError`.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const place = placePostgres(options.dataDir);
  const password = clusterPassword(place);
  const adopted = await adopt(place, password, options);
  const running = adopted ?? (await start(place, password, options));
  await ensureDatabase(running.port, password);
  options.progress(`PostgreSQL ${adopted === null ? 'runs' : 'was still running'} on 127.0.0.1:${running.port}`);
  let stopping: Promise<void> | undefined;
  return {
    url: `postgres://${SUPERUSER}:${password}@127.0.0.1:${running.port}/${DATABASE}?sslmode=disable`,
    adopted: adopted !== null,
    stop: () => (stopping ??= stop(running.mark)),
  };
}

async function adopt(place: PostgresPlace, password: string, options: PostgresOptions): Promise<Postmaster | null> {
  const found = findPostmaster(place.cluster);
  if (found === null) return null;
  const until = performance.now() + READY_WITHIN_MS;
  if (options.port === undefined || options.port === found.port) {
    while (isRunning(found.mark) && performance.now() < until) {
      const answer = await ask(found.port, password, place);
      if (answer === 'ready') return found;
      if (answer !== 'starting') break;
      await delay(50);
    }
  }
  options.progress('stopping a PostgreSQL that an earlier start left behind');
  await stop(found.mark);
  return null;
}

async function start(place: PostgresPlace, password: string, options: PostgresOptions): Promise<Postmaster> {
  const binaries = await ensureCluster(
    place,
    () => findPostgres(place, options.binaries, options.progress),
    options.progress,
  );
  options.progress(`starting PostgreSQL ${binaries.major}`);
  for (let tries = 1; ; tries++) {
    disarmPidFile(place.cluster);
    const port = await choosePort(place, options);
    try {
      const mark = await startChild(server(place, binaries, port, password));
      writeFileSync(join(place.home, 'port'), `${port}\n`, { mode: 0o600 });
      return { mark, port };
    } catch (error) {
      if (tries === MOST_STARTS || !passes(error)) throw error;
      await delay(BETWEEN_STARTS_MS);
    }
  }
}

/** Orphans of a killed server let go of its memory within seconds; a port may be taken between the look and the use. */
function passes(error: unknown): boolean {
  return error instanceof EmbeddedError && /is still in use|Address already in use/.test(error.message);
}

function server(place: PostgresPlace, binaries: PostgresBinaries, port: number, password: string): ChildServer {
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    // A socket's path may have 107 bytes at most, which a data directory's may exceed; and nobody needs one.
    unix_socket_directories: '',
    // Statements and details of errors would carry people's data into the log.
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_timezone: 'UTC',
  };
  return {
    name: 'PostgreSQL',
    problem: 'postgres',
    command: join(binaries.bin, 'postgres'),
    args: [
      '-D',
      nameFor(place, place.cluster),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/bin:/usr/bin' },
    account: place.account,
    directory: place.cluster,
    logFile: join(place.home, 'log'),
    isReady: async () => (await ask(port, password, place)) === 'ready',
    readyWithinMs: READY_WITHIN_MS,
    stopBy: STOP,
  };
}

async function choosePort(place: PostgresPlace, options: PostgresOptions): Promise<number> {
  if (options.port !== undefined) {
    if (await isFree(options.port)) return options.port;
    throw new EmbeddedError('port_taken', `Port ${options.port} is taken by another program: give PostgreSQL another.`);
  }
  const file = join(place.home, 'port');
  const kept = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  return kept > 0 && (await isFree(kept)) ? kept : anyFreePort();
}

/** Ready means: it answers a query with our password, and it is the server of this cluster and no other. */
async function ask(port: number, password: string, place: PostgresPlace): Promise<'ready' | 'starting' | 'silent'> {
  try {
    const [answer] = await query(port, password, "SELECT pg_read_file('postmaster.pid') AS pid_file");
    return parseInt(String(answer?.['pid_file']), 10) === findPostmaster(place.cluster)?.mark.pid ? 'ready' : 'silent';
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === '57P03') return 'starting';
    if (code === '28P01') throw passwordLost(place, 'does not open it');
    return 'silent';
  }
}

async function ensureDatabase(port: number, password: string): Promise<void> {
  const found = await query(port, password, `SELECT 1 FROM pg_database WHERE datname = '${DATABASE}'`);
  if (found.length === 0) await query(port, password, `CREATE DATABASE ${DATABASE}`);
}

async function query(port: number, password: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: SUPERUSER,
    password,
    database: 'postgres',
    ssl: false,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    query_timeout: CONNECT_WITHIN_MS,
  });
  // A server that goes away in between says so on the client too, and an unheard 'error' would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

function stop(mark: ProcessMark): Promise<void> {
  return stopProcess('PostgreSQL', 'postgres', mark, STOP);
}
