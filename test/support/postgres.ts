import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { SILENT } from '../../src/contracts/observer.js';
import { type RunningPostgres, startPostgres } from '../../src/embedded/postgres.js';
import { placePostgres } from '../../src/embedded/postgres-place.js';
import { findPostmaster } from '../../src/embedded/postmaster.js';
import { isRunning, markOf } from '../../src/embedded/process-mark.js';
import { migrate } from '../../src/store/migrate.js';
import { copyOnce } from './made-once.js';

/** The PostgreSQL that `start` brings along, and the oldest major that is supported; both from npm. */
export const POSTGRES_VERSIONS = ['embedded', 'oldest'] as const;
export type PostgresVersion = (typeof POSTGRES_VERSIONS)[number];

const OLDEST = resolve(import.meta.dirname, '../../node_modules/postgres-oldest/native');
const quiet = (): void => {};

/**
 * A PostgreSQL of a test file's own, started as `slipway start` does it. Each `database()` is a fresh migrated one,
 * each `empty()` one without tables.
 */
export class TestPostgres {
  #databases = 0;
  private constructor(
    private readonly dir: string,
    private readonly version: PostgresVersion,
    private running: RunningPostgres,
  ) {}

  /** `place`: an empty directory that is to hold it. */
  static async start(version: PostgresVersion = 'embedded', place?: string): Promise<TestPostgres> {
    const dir = await realpath(place ?? (await mkdtemp(join(tmpdir(), 'slipway-test-'))));
    await copyOnce(`postgres-${version}`, dir, (made) => TestPostgres.#make(made, version));
    return new TestPostgres(dir, version, await launch(dir, version));
  }

  /** What every file begins with: a cluster with a migrated database, stopped, and on no port yet. */
  static async #make(dir: string, version: PostgresVersion): Promise<void> {
    const postgres = new TestPostgres(dir, version, await launch(dir, version));
    // What a test has written may be lost with the machine, whereas a kill -9 loses nothing of it.
    for (const setting of ['fsync', 'full_page_writes']) await postgres.#ask(`alter system set ${setting} = off`);
    await postgres.#ask('create database pattern');
    await migrate(postgres.#url('pattern'), SILENT);
    await postgres.down();
    await rm(join(placePostgres(dir).home, 'port'));
  }

  async database(): Promise<string> {
    return this.#create('template pattern');
  }

  async empty(): Promise<string> {
    return this.#create('');
  }

  /**
   * Empties a database between two tests, in 19 ms: `truncate` makes a hundred files anew, which takes 55. Triggers and
   * foreign keys rest meanwhile.
   */
  async clear(url: string): Promise<void> {
    const statements = `select format('delete from %I', tablename) as text from pg_tables
        where schemaname = 'public' and tablename not like 'kysely%'
      union all select format('select setval(%L, 1, false)', quote_ident(sequencename)) from pg_sequences
        where schemaname = 'public'`;
    await session(url, async (client) => {
      const { rows } = await client.query<{ text: string }>(statements);
      await client.query(['set session_replication_role = replica', ...rows.map(({ text }) => text)].join(';'));
    });
  }

  /** Runs one statement as the tables' owner, for what no public function shows or does. */
  query(url: string, text: string): Promise<Record<string, unknown>[]> {
    return session(url, async (client) => (await client.query<Record<string, unknown>>(text)).rows);
  }

  /** Starts it again on the same data and port. */
  async up(): Promise<void> {
    const { port } = new URL(this.running.url);
    this.running = await launch(this.dir, this.version, Number(port));
  }

  /** Stops it in good order; `up` brings it back. */
  async down(): Promise<void> {
    await this.running.stop();
  }

  /** Takes the server and all its sessions away at once, as a kill -9 or an out-of-memory does. */
  async kill(): Promise<void> {
    const postmaster = findPostmaster(placePostgres(this.dir).cluster);
    if (!postmaster) return;
    const sessions = (await childrenOf(postmaster.mark.pid)).map(markOf).filter((mark) => mark !== null);
    const all = [postmaster.mark, ...sessions];
    for (const { pid } of all) kill(pid);
    while (all.some(isRunning)) await new Promise((wake) => setTimeout(wake, 10));
  }

  async stop(): Promise<void> {
    await this.running.stop();
    await rm(this.dir, { recursive: true, force: true });
  }

  async #create(options: string): Promise<string> {
    const name = `test_${++this.#databases}`;
    await this.#ask(`create database ${name} ${options}`);
    return this.#url(name);
  }

  #url(database: string): string {
    const url = new URL(this.running.url);
    url.pathname = `/${database}`;
    return url.href;
  }

  async #ask(statement: string): Promise<void> {
    await session(this.running.url, (client) => client.query(statement));
  }
}

async function session<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function launch(dataDir: string, version: PostgresVersion, port?: number): Promise<RunningPostgres> {
  return startPostgres({ dataDir, progress: quiet, port, binaries: version === 'oldest' ? OLDEST : undefined });
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(/\s+/).filter(Boolean).map(Number);
}

/** A session may have ended by itself meanwhile. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    return;
  }
}
