import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openDataDirectory } from '../../src/embedded/data-directory.js';
import { backUp } from '../../src/embedded/backup.js';
import type { BackupManifest } from '../../src/embedded/backup-manifest.js';
import { EmbeddedError } from '../../src/embedded/embedded-error.js';
import { type RunningPostgres, startPostgres } from '../../src/embedded/postgres.js';
import { restore } from '../../src/embedded/restore.js';
import { RESTORED } from '../../src/embedded/restored-mark.js';
import { type RunningTemporal, startTemporal } from '../../src/embedded/temporal.js';
import { quiet, scratch } from './scratch.js';

/** The two servers of one data directory, with what Slipway does with them: an event is stored, then signalled. */
class Served {
  private constructor(
    readonly postgres: RunningPostgres,
    readonly temporal: RunningTemporal,
    readonly store: pg.Client,
    readonly connection: Connection,
  ) {}

  static async on(dataDir: string): Promise<Served> {
    const postgres = await startPostgres({ dataDir, progress: quiet });
    const temporal = await startTemporal({
      dataDir,
      namespace: 'slipway',
      speedIsOne: true,
      searchAttributes: {},
      progress: quiet,
    });
    const store = new pg.Client({ connectionString: postgres.url });
    store.on('error', () => {});
    await store.connect();
    return new Served(postgres, temporal, store, await Connection.connect({ address: temporal.address }));
  }

  async stored(): Promise<Map<number, number | null>> {
    const { rows } = await this.store.query<{ n: string; settled: string | null }>('select n, settled from events');
    return new Map(rows.map(({ n, settled }) => [Number(n), settled === null ? null : Number(settled)]));
  }

  async signalled(): Promise<Set<number>> {
    const client = new Client({ connection: this.connection, namespace: 'slipway' });
    const found = new Set<number>();
    for (let which = 0; which < WORKFLOWS; which++) {
      const { events } = await client.workflow.getHandle(`w${which}`).fetchHistory();
      for (const { workflowExecutionSignaledEventAttributes: signal } of events ?? []) {
        const [payload] = signal?.input?.payloads ?? [];
        if (payload?.data) found.add(Number(Buffer.from(payload.data).toString('utf8')));
      }
    }
    return found;
  }

  async stop(): Promise<void> {
    await this.store.end().catch(() => {});
    await this.connection.close();
    await this.temporal.stop();
    await this.postgres.stop();
  }
}

const WORKFLOWS = 4;
const TEN_MINUTES = 600_000;
let place: ReturnType<typeof scratch>;
let dataDir: string;
let served: Served;

/** Money that is moved to and fro: a torn copy of the store would have more or less of it. */
async function openAccounts(): Promise<void> {
  await served.store.query('create table events (n bigint primary key, settled bigint, body text)');
  await served.store.query('create table accounts (id int primary key, sum bigint)');
  await served.store.query('insert into accounts select id, 1000 from generate_series(1, 2000) id');
}

async function pour(from: number, until: () => boolean): Promise<number> {
  const client = new Client({ connection: served.connection, namespace: 'slipway' });
  let n = from;
  for (; !until(); n++) {
    await served.store.query('insert into events values ($1, null, $2)', [n, `event ${n}`.repeat(100)]);
    await served.store.query(
      'update accounts set sum = sum + case id when $1::int then -7 else 7 end where id in ($1::int, $2::int)',
      [(n % 1_999) + 1, (n % 1_999) + 2],
    );
    await client.workflow.signalWithStart('nobody-runs-it', {
      workflowId: `w${n % WORKFLOWS}`,
      taskQueue: 'nobody',
      signal: 'event',
      signalArgs: [n],
    });
    await served.store.query('update events set settled = $2 where n = $1', [n, Date.now()]);
  }
  return n;
}

async function refusal(doing: Promise<unknown>): Promise<string> {
  const error = await doing.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(EmbeddedError);
  const { message } = error as EmbeddedError;
  expect(message).not.toContain('\n');
  return message;
}

const back = (to: string) => backUp({ dataDir, to: join(place.path, to), version: '0.0.0-test', progress: quiet });
const intoFresh = (name: string, from = 'first.tgz') =>
  restore({ from: join(place.path, from), dataDir: join(place.path, name), progress: quiet });

beforeAll(async () => {
  place = scratch();
  dataDir = join(place.path, 'data');
  openDataDirectory(dataDir).release();
  writeFileSync(join(dataDir, 'webhook-secret'), 'whsec_x\n', { mode: 0o600 });
  served = await Served.on(dataDir);
  await openAccounts();
});
afterAll(async () => {
  await served.stop();
  place.remove();
});

describe('a backup of a data directory that serves', () => {
  let manifest: BackupManifest;
  let before: number;
  let restored: Served;
  afterAll(() => restored?.stop());

  it('is taken while events are stored and signalled, holding Temporal for a moment', {
    timeout: 120_000,
  }, async () => {
    before = await pour(0, once(50));
    let taken = false;
    const pouring = pour(before, () => taken);
    manifest = await back('first.tgz').finally(() => {
      taken = true;
    });
    const after = await pouring;

    expect(after).toBeGreaterThan(before + 5);
    expect(manifest.frozenMs).toBeLessThan(2_000);
    expect(statSync(join(place.path, 'first.tgz')).mode & 0o777).toBe(0o600);
    expect(readdirSync(dataDir).filter((name) => name.startsWith('.backup'))).toEqual([]);
    const { rows } = await served.store.query('select slot_name from pg_replication_slots');
    expect(rows).toEqual([]);
  });

  it('comes up elsewhere as one point in time: the store never behind Temporal', { timeout: 120_000 }, async () => {
    await intoFresh('restored');
    restored = await Served.on(join(place.path, 'restored'));

    const stored = await restored.stored();
    const signalled = await restored.signalled();
    for (let n = 0; n < before; n++) expect(stored.has(n) && signalled.has(n), `event ${n}`).toBe(true);
    expect([...signalled].filter((n) => !stored.has(n))).toEqual([]);
    const forgotten = [...stored].filter(([n]) => !signalled.has(n));
    for (const [n, settled] of forgotten)
      expect(settled === null || settled > (manifest.frozenAt ?? 0) - TEN_MINUTES, `event ${n}`).toBe(true);
    const { rows } = await restored.store.query<{ sum: string }>('select sum(sum) from accounts');
    expect(Number(rows[0]?.sum)).toBe(2_000_000);
  });

  it('brings its secrets along, and says until when Temporal may have forgotten something', () => {
    const directory = join(place.path, 'restored');
    expect(readFileSync(join(directory, 'webhook-secret'), 'utf8')).toBe('whsec_x\n');
    expect(statSync(join(directory, 'webhook-secret')).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(join(directory, RESTORED), 'utf8'))).toEqual({ frozenAt: manifest.frozenAt });
  });
});

describe('a backup is refused', () => {
  it('over a file that is there, into the data directory, and of a directory without a store', async () => {
    writeFileSync(join(place.path, 'mine'), 'precious');

    expect(await refusal(back('mine'))).toContain('is there already');
    expect(await refusal(back('data/inside.tgz'))).toContain('lies in the data directory itself');
    const nowhere = backUp({
      dataDir: join(place.path, 'empty'),
      to: join(place.path, 'e'),
      version: '0',
      progress: quiet,
    });
    expect(await refusal(nowhere)).toContain('There is no store');
    expect(readFileSync(join(place.path, 'mine'), 'utf8')).toBe('precious');
  });

  it('where it cannot be written to its end, and leaves nothing and nobody held', async () => {
    const message = await refusal(
      backUp({ dataDir, to: join(place.path, 'no/such/place.tgz'), version: '0', progress: quiet }),
    );

    expect(message).toContain('was given up');
    expect(existsSync(join(place.path, 'no'))).toBe(false);
    expect(await served.signalled()).toBeDefined();
  });
});

describe('a restore is refused', () => {
  const target = () => join(place.path, 'target');
  afterEach(() => rmSync(target(), { recursive: true, force: true }));

  it('into a directory that holds something, or that a Slipway runs on', async () => {
    const running = openDataDirectory(target());
    expect(await refusal(intoFresh('target'))).toContain('already runs');
    running.release();

    writeFileSync(join(target(), 'temporal.db'), 'mine');
    expect(await refusal(intoFresh('target'))).toContain('is not empty (temporal.db)');
    expect(readFileSync(join(target(), 'temporal.db'), 'utf8')).toBe('mine');
  });

  it('from an archive with one byte changed, or cut short; and then restores nothing', async () => {
    const whole = gunzipSync(readFileSync(join(place.path, 'first.tgz')));
    const changed = Buffer.from(whole);
    const at = changed.indexOf('whsec_x');
    changed[at] = 'W'.charCodeAt(0);
    writeFileSync(join(place.path, 'changed.tgz'), gzipSync(changed, { level: 1 }));
    writeFileSync(join(place.path, 'short.tgz'), readFileSync(join(place.path, 'first.tgz')).subarray(0, 100_000));

    expect(await refusal(intoFresh('target', 'changed.tgz'))).toContain('webhook-secret has another content');
    expect(await refusal(intoFresh('target', 'short.tgz'))).toContain('is damaged or no backup');
    expect(readdirSync(target())).toEqual([]);
  });
});

describe('a data directory at rest', () => {
  it('is backed up as well, one that was restored and never started too', { timeout: 120_000 }, async () => {
    await intoFresh('never-started');
    const again = await backUp({
      dataDir: join(place.path, 'never-started'),
      to: join(place.path, 'second.tgz'),
      version: '0',
      progress: quiet,
    });
    await intoFresh('twice', 'second.tgz');

    const twice = await Served.on(join(place.path, 'twice'));
    const stored = await twice.stored();
    const signalled = await twice.signalled();
    await twice.stop();

    expect(stored.size).toBeGreaterThan(50);
    expect([...signalled].filter((n) => !stored.has(n))).toEqual([]);
    const first = JSON.parse(readFileSync(join(place.path, 'restored', RESTORED), 'utf8')) as { frozenAt: number };
    expect(again.frozenAt).toBe(first.frozenAt);
  });
});

/** True from the `n`-th time it is asked. */
function once(n: number): () => boolean {
  let asked = 0;
  return () => ++asked > n;
}
