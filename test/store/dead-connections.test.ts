import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { SILENT } from '../../src/contracts/observer.js';
import { Dice } from '../../src/simulator/dice.js';
import { type Connections, openConnections } from '../../src/store/connections.js';
import { QueueListener } from '../../src/store/webhooks/listen.js';
import { keepablePorts } from '../faults/free-ports.js';
import { Proxy } from '../faults/proxy.js';
import { TestPostgres } from '../support/postgres.js';

const ANSWER_MS = 12_000;
const BEAT_MS = 5_000;
const BEAT_AND_ANSWER_MS = 8_000;
const one = sql<{ one: number }>`select 1 as one`;

/** The far side of connections that are open goes away without a word; new ones reach PostgreSQL as ever. */
describe('connections whose far side is gone', () => {
  let postgres: TestPostgres;
  let direct: string;
  let proxy: Proxy;
  let url: string;
  beforeAll(async () => {
    postgres = await TestPostgres.start();
    direct = await postgres.database();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    const [port] = (await keepablePorts(1)) as [number];
    const through = new URL(direct);
    proxy = await Proxy.start({ port, upstream: Number(through.port), dice: new Dice(1) });
    through.port = String(port);
    url = through.href;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  });
  afterEach(async () => {
    vi.useRealTimers();
    vi.restoreAllMocks();
    await proxy.close();
  });

  describe('of the pools', () => {
    let connections: Connections;
    beforeEach(() => {
      connections = openConnections(url, SILENT);
    });
    afterEach(() => connections.close());

    it.each(['db', 'relaxed'] as const)('cost one use of %s, and the next has another', async (name) => {
      const db = connections[name];
      await Promise.all([1, 2, 3].map(() => sql`select pg_sleep(0.1)`.execute(db)));
      const before = proxy.counts.connections;
      await proxy.set({ kind: 'half_open' });

      const failed = expect(one.execute(db)).rejects.toThrow('Query read timeout');
      await vi.advanceTimersByTimeAsync(ANSWER_MS);
      await failed;
      vi.useRealTimers();

      expect((await one.execute(db)).rows).toEqual([{ one: 1 }]);
      expect(before).toBeGreaterThan(1);
      expect(proxy.counts.connections).toBe(before + 1);
    });

    it('end a transaction without waiting for its rollback as well', async () => {
      const transaction = connections.db.transaction().execute(async (trx) => {
        await one.execute(trx);
        await proxy.set({ kind: 'half_open' });
        const lost = expect(one.execute(trx)).rejects.toThrow('Query read timeout');
        await vi.advanceTimersByTimeAsync(ANSWER_MS);
        await lost;
        vi.useRealTimers();
        throw new Error('rolled back');
      });
      const began = performance.now();

      await expect(transaction).rejects.toThrow('not queryable');

      expect(performance.now() - began).toBeLessThan(2_000);
    });

    it('are kept where it was the server that gave a statement up', async () => {
      await sql`set statement_timeout = 50`.execute(connections.db);

      await expect(sql`select pg_sleep(5)`.execute(connections.db)).rejects.toMatchObject({ code: '57014' });
      await one.execute(connections.db);

      expect(proxy.counts.connections).toBe(1);
    });
  });

  it('are probed while they are idle, whatever they are for', async () => {
    const keepAlive = vi.spyOn(net.Socket.prototype, 'setKeepAlive');
    const connections = openConnections(direct, SILENT);
    const { db, relaxed, accepting, intake } = connections;
    const listener = new QueueListener(direct, SILENT);

    await Promise.all([one.execute(db), one.execute(relaxed), accepting.query('select 1'), intake.query('select 1')]);
    await listener.listen('ep_1', vi.fn());
    await Promise.all([connections.close(), listener.close()]);

    expect(keepAlive.mock.calls).toEqual(Array.from({ length: 5 }, () => [true, 10_000]));
  });

  describe('of whoever listens', () => {
    let listener: QueueListener;
    const heard = vi.fn();
    const notify = () => postgres.query(direct, `select pg_notify('slipway_deliveries', 'ep_1')`);
    beforeEach(async () => {
      heard.mockReset();
      listener = new QueueListener(url, SILENT);
      await listener.listen('ep_1', heard);
    });
    afterEach(() => listener.close());

    it('are noticed by themselves, and what is queued afterwards is heard', async () => {
      await proxy.set({ kind: 'half_open' });
      await notify();
      expect(heard).not.toHaveBeenCalled();

      await vi.advanceTimersByTimeAsync(BEAT_AND_ANSWER_MS);
      await vi.waitUntil(() => heard.mock.calls.length === 2, { timeout: 5_000 });
      await notify();
      await vi.waitUntil(() => heard.mock.calls.length === 3);

      await listener.close();
      expect(vi.getTimerCount()).toBe(0);
    });

    it('are asked again and again while they answer, and told to nobody', async () => {
      for (let beats = 0; beats < 3; beats++) {
        await vi.advanceTimersByTimeAsync(BEAT_MS);
        // The beat's own timer alone: what it asked is answered.
        await vi.waitUntil(() => vi.getTimerCount() === 1, { interval: 5 });
      }
      await notify();
      await vi.waitUntil(() => heard.mock.calls.length === 1);

      expect(proxy.counts.connections).toBe(1);
    });

    it('do not keep it from closing', async () => {
      vi.useRealTimers();
      const one = new QueueListener(direct, SILENT);
      await one.listen('ep_1', heard);
      const [row] = await postgres.query(
        direct,
        `select pid from pg_stat_activity where query like 'listen %' order by backend_start desc limit 1`,
      );
      // Its kernel still confirms what it is sent, and nobody reads it.
      process.kill(Number(row?.['pid']), 'SIGSTOP');

      const ended = await Promise.race([one.close().then(() => 'closed'), pause(2_000, 'still waits')]);

      process.kill(Number(row?.['pid']), 'SIGCONT');
      expect(ended).toBe('closed');
    });

    it('are not sought once it has closed, also where a try was under way', async () => {
      await proxy.set({ kind: 'reset' });
      await vi.waitUntil(() => heard.mock.calls.length === 1);
      await proxy.set({ kind: 'drop' });
      await vi.advanceTimersByTimeAsync(500);

      const closed = listener.close();
      await vi.advanceTimersByTimeAsync(2_000);
      await closed;

      expect(vi.getTimerCount()).toBe(0);
    });
  });
});
