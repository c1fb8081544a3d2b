import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SILENT } from '../../src/contracts/observer.js';
import { examine } from '../../src/doctor/examine.js';
import { isSeen, type Observations } from '../../src/doctor/observations.js';
import { anyFreePort } from '../../src/embedded/free-port.js';
import { observe } from '../../src/main/doctor.js';
import { loadPolicy } from '../../src/policy-file/load.js';
import { examineStore } from '../../src/store/examine.js';
import { openStore } from '../../src/store/store.js';
import { arrival } from '../store/arrivals.js';
import { TestPostgres } from '../support/postgres.js';
import { NAMESPACE, sharedTemporal, type TestServer } from '../support/temporal.js';

let dir: string;
let postgres: TestPostgres;
let temporal: TestServer;
let ports: Record<string, string>;
beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'slipway-doctor-'));
  [postgres, temporal] = await Promise.all([TestPostgres.start(), sharedTemporal()]);
  ports = { SLIPWAY_PORT: String(await anyFreePort()), SLIPWAY_CONSOLE_PORT: String(await anyFreePort()) };
});
afterAll(async () => {
  await temporal.close();
  await postgres.stop();
  rmSync(dir, { recursive: true, force: true });
});

const look = (more: Record<string, string>): Promise<Observations> =>
  observe({
    ...ports,
    SLIPWAY_DATA_DIR: path.join(dir, 'data'),
    SLIPWAY_CONFIG: file('slipway.yaml', 'workspace: {}\n'),
    ...more,
  });
const file = (name: string, text: string): string => {
  const at = path.join(dir, name);
  writeFileSync(at, text);
  return at;
};
const faults = (seen: Observations): string[] =>
  examine(seen).flatMap(({ level, check }) => (level === 'fail' ? [check] : []));
const SECRET = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;

describe('looking at a machine on which nothing runs', () => {
  it('finds no fault, and makes nothing', async () => {
    const seen = await look({ PIVOTAL_WEBHOOK_SECRET: SECRET });

    expect(faults(seen)).toEqual([]);
    expect(seen).toMatchObject({
      console: { state: 'down' },
      dataDirectory: { exists: false, writable: true },
      store: { expected: true },
      temporal: { expected: true },
      ports: [{ state: 'free' }, { state: 'free' }],
    });
    expect((await look({})).dataDirectory?.exists).toBe(false);
  });

  it('names what is wrong with it', async () => {
    const other = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const port = String((other.address() as AddressInfo).port);
    const data = path.join(dir, 'open');
    mkdirSync(path.join(data, 'postgres'), { recursive: true });
    writeFileSync(path.join(data, 'postgres/password'), 'x');
    chmodSync(path.join(data, 'postgres/password'), 0o644);

    const seen = await look({
      SLIPWAY_CONSOLE_PORT: port,
      SLIPWAY_DATA_DIR: data,
      PIVOTAL_WEBHOOK_SECRET: 'abc',
      SLIPWAY_CONFIG: file('bad.yaml', 'rules: { dance: off }\n'),
      DATABASE_URL: 'postgres://x:secret-word@127.0.0.1:1/x',
      TEMPORAL_ADDRESS: '127.0.0.1:1',
    });
    other.close();

    expect(new Set(faults(seen))).toEqual(new Set(['running', 'ports', 'policy', 'store', 'temporal']));
    expect(seen.policy?.problems[0]).toContain('line 1');
    expect(JSON.stringify(seen)).not.toContain('secret-word');
    const local = await look({ SLIPWAY_DATA_DIR: data, PIVOTAL_WEBHOOK_SECRET: 'abc' });
    expect(faults(local)).toEqual(['data_directory', 'secrets']);
    expect(faults(await look({ SLIPWAY_PORT: 'x' }))).toEqual(['settings']);
  });
});

describe('looking at a store', () => {
  it('tells an empty one from one with its tables, and reads its latest deliveries', async () => {
    expect(await examineStore(await postgres.empty(), Date.now())).toMatchObject({
      writable: true,
      migrations: { missing: expect.arrayContaining(['0001-inbox']), unknown: [] },
      archive: null,
    });

    const url = await postgres.database();
    const store = openStore({ url, observer: SILENT, serverId: 's' });
    const at = Date.now();
    await store.inbox.accept(
      arrival('evt_1', 'onb_1', {
        receivedAt: at,
        headers: { 'svix-timestamp': String(Math.floor(at / 1000) - 45) },
      }),
    );
    store.rejections.record({
      source: 'pivotal',
      reason: 'stale_timestamp',
      message: 'm',
      at,
      deliveryId: null,
      remote: null,
      bytes: 1,
    });
    await store.meta.keep('temporal_namespace', 'ns-7');
    const loaded = loadPolicy('settle: 5 minutes', at);
    if (!loaded.ok) throw new Error('valid');
    await store.policies.publish({ hash: loaded.hash, source: 'settle: 5 minutes', policy: loaded.file.policy });
    await store.close();

    const { version, archive } = await examineStore(url, at);
    expect(version).toBeGreaterThanOrEqual(140_000);
    expect(archive).toMatchObject({
      deliveries: [{ source: 'pivotal', signedAt: (Math.floor(at / 1000) - 45) * 1000, receivedAt: at }],
      rejections: { stale_timestamp: 1 },
      pending: 1,
      oldestPendingAt: at,
      lastReceivedAt: at,
      inForce: { hash: loaded.hash },
      namespaceId: 'ns-7',
    });
  });
});

describe('looking at the servers of an install', () => {
  it('sees the namespace, its attributes and workers, and compares the policy with the one in force', async () => {
    const url = await postgres.database();
    const store = openStore({ url, observer: SILENT, serverId: 's' });
    const loaded = loadPolicy('settle: 5 minutes', Date.now());
    if (!loaded.ok) throw new Error('valid');
    await store.policies.publish({ hash: loaded.hash, source: 'settle: 5 minutes', policy: loaded.file.policy });
    await store.close();

    const seen = await look({
      DATABASE_URL: url,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: NAMESPACE,
      PIVOTAL_WEBHOOK_SECRET: SECRET,
    });

    expect(seen.dataDirectory).toBeNull();
    expect(seen.policy?.changes).toEqual(['settle: 5 minutes -> 2 minutes']);
    expect(isSeen(seen.temporal) && seen.temporal).toMatchObject({
      namespace: NAMESPACE,
      namespaceId: expect.any(String),
      retentionDays: 90,
      attributes: { missing: [], mistyped: [] },
      stuck: { count: 0 },
    });
    expect(faults(seen)).toEqual([]);
    const nowhere = await look({
      DATABASE_URL: url,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: 'nowhere',
    });
    expect(isSeen(nowhere.temporal) && nowhere.temporal.namespaceId).toBeNull();
  });
});
