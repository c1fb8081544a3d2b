import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { StoreUnavailable } from '../../src/contracts/inbox.js';
import { SILENT } from '../../src/contracts/observer.js';
import { openStore, type Store } from '../../src/store/store.js';
import { POSTGRES_VERSIONS, TestPostgres } from '../support/postgres.js';
import { arrival } from './arrivals.js';
import { burst } from './burst.js';
import { gateQuestion } from './gate-questions.js';
import { key, projection } from './onboarding-views.js';

describe.each(POSTGRES_VERSIONS)('an outage on the %s PostgreSQL', (version) => {
  let postgres: TestPostgres;
  let url: string;
  let store: Store;

  beforeAll(async () => {
    postgres = await TestPostgres.start(version);
    url = await postgres.database();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    await postgres.clear(url);
    store = openStore({ url, observer: SILENT, serverId: 'a' });
  });
  afterEach(() => store.close());

  async function archived(): Promise<Set<unknown>> {
    const rows = await postgres.query(url, 'select event_id from inbox join dispatch using (seq)');
    return new Set(rows.map(({ event_id }) => event_id));
  }

  it('loses no acknowledged event when PostgreSQL is killed in mid-burst, and goes on by itself', async () => {
    const sent = burst(store);
    await expect.poll(() => sent.acknowledged.length).toBeGreaterThan(500);

    await postgres.kill();
    await expect.poll(() => sent.failures.length, { timeout: 10_000 }).toBeGreaterThan(0);
    await postgres.up();
    const before = sent.acknowledged.length;
    await expect.poll(() => sent.acknowledged.length, { timeout: 10_000 }).toBeGreaterThan(before + 100);
    await sent.stop();

    const rows = await archived();
    expect(sent.acknowledged.filter((id) => !rows.has(id))).toEqual([]);
    expect(sent.failures.every((error) => error instanceof StoreUnavailable)).toBe(true);
  });

  it('loses no acknowledged event when the server is killed in mid-burst, and another signals them', async () => {
    const loader = join(import.meta.dirname, '../support/typescript-loader.mjs');
    const script = join(import.meta.dirname, 'accepting-server.ts');
    const child = spawn(process.execPath, ['--import', loader, script, url, 'killed'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.length > 20_000) child.kill('SIGKILL');
    });
    await once(child, 'close');
    const acknowledged = output.split('\n').slice(0, -1);

    await postgres.query(url, `update servers set last_seen_at = last_seen_at - interval '31 seconds'`);
    const claimed = await store.inbox.claim(100_000);

    const ids = new Set(claimed.map(({ route }) => route.fact.id));
    expect(acknowledged.length).toBeGreaterThan(1_000);
    expect(acknowledged.filter((id) => !ids.has(id))).toEqual([]);
  });

  it('says at once that the store is away, whatever is asked of it, and works again when it is back', async () => {
    await store.inbox.accept(arrival('evt_1'));
    await postgres.down();
    const began = performance.now();

    const asked = await Promise.allSettled([
      store.inbox.accept(arrival('evt_2')),
      store.inbox.claim(1),
      store.inbox.heartbeat(),
      store.gate.ask(gateQuestion()),
      store.readModel.project(projection(key('onb_1'), 1)),
      store.readModel.onboardings({ limit: 10 }),
      store.sends.withdraw('key'),
      store.policies.current(),
      store.meta.get('clock'),
      store.events.events({ limit: 10 }),
      store.migrate(),
    ]);
    const readiness = await store.readiness();
    const took = performance.now() - began;
    await postgres.up();

    expect(asked.map((answer) => answer.status === 'rejected' && answer.reason instanceof StoreUnavailable)).toEqual(
      asked.map(() => true),
    );
    expect(readiness).toMatchObject({ ready: false });
    expect(took).toBeLessThan(3_000);
    expect(await store.inbox.accept(arrival('evt_2'))).toMatchObject({ duplicate: false });
    expect(await store.readiness()).toEqual({ ready: true });
  });
});

describe('a store that takes connections and never answers', () => {
  let server: Server;
  const sockets: Socket[] = [];
  let store: Store;

  beforeAll(async () => {
    server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    store = openStore({ url: `postgres://slipway@127.0.0.1:${port}/slipway`, observer: SILENT, serverId: 'a' });
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await store.close();
  });

  it('is given up on well before the sender gives up on us, for everybody who waits', async () => {
    const began = performance.now();

    const answers = await Promise.allSettled(
      Array.from({ length: 1_200 }, (_, n) => store.inbox.accept(arrival(`evt_${n}`))),
    );

    expect(answers.every((answer) => answer.status === 'rejected' && answer.reason instanceof StoreUnavailable)).toBe(
      true,
    );
    expect(performance.now() - began).toBeLessThan(4_000);
  });
});
