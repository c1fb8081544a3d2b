import { Svix } from 'svix';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Dice } from '../../src/simulator/dice.js';
import { until } from '../start/slipway-process.js';
import { API_TOKEN, Cluster } from './cluster.js';
import { keepablePorts } from './free-ports.js';
import { Subscriber } from './parts/subscriber.js';
import { Proxy } from './proxy.js';

const SEED = Number(process.env['FAULTS_SEED'] ?? 20_261_128);
/** Whatever else runs on the machine. A worker that was killed is missed after 10 s. */
const LONG = 120_000;
/** Fewer than are out at once, so that all of them are at the same point. */
const MESSAGES = 20;
/** Only the statement that writes attempts down begins like this. */
const RECORD = 'with outcome as';
/** Of a server only what takes messages in is committed while nothing else comes. */
const COMMIT = 'commit\0';

let cluster: Cluster;
let subscriber: Subscriber;
let wire: Proxy;
let svix: Svix;
let app: string;
let endpoint: string;

beforeAll(async () => {
  // Virtual time is real here: nothing uses up its tries while it is broken.
  cluster = await Cluster.start({ seed: SEED, servers: 1, workers: 2, env: { SLIPWAY_CLOCK_SPEED: '1' } });
  subscriber = await Subscriber.open();
  const [port] = (await keepablePorts(1)) as [number];
  wire = await Proxy.start({ port, upstream: subscriber.port, dice: new Dice(SEED, 'subscriber') });
  svix = new Svix(API_TOKEN, { serverUrl: cluster.consoles[0] as string, numRetries: 0 });
  app = (await svix.application.create({ name: 'Killed' })).id;
  await svix.eventType.create({ name: 'order.paid', description: 'An order was paid' });
  endpoint = (await svix.endpoint.create(app, { url: `http://127.0.0.1:${port}/` })).id;
  subscriber.secret = (await svix.endpoint.getSecret(app, endpoint)).key;
}, LONG);
afterAll(async () => {
  await cluster?.stop();
  await wire?.close();
  await subscriber?.close();
}, LONG);

let made = 0;
/** Makes one message, as often as it takes, as a client does that did not hear the answer. */
async function make(): Promise<string> {
  const idempotencyKey = `key-${made++}`;
  let id: string | undefined;
  const create = async () => {
    const payload = { idempotencyKey };
    ({ id } = await svix.message.create(app, { eventType: 'order.paid', payload }, { idempotencyKey }));
    return true;
  };
  await until(() => create().catch(() => false), 'a message is made', LONG);
  return id as string;
}
const makeAll = (): Promise<string[]> => Promise.all(Array.from({ length: MESSAGES }, make));

async function inStore(): Promise<number> {
  const [row] = await cluster.sql<{ n: number }>(
    "select count(*)::int as n from messages where event_type = 'order.paid'",
  );
  return row?.n ?? 0;
}

/** All of them are with the receiver, which answers none until it is let go. */
async function allTaken(): Promise<string[]> {
  subscriber.hold();
  const ids = await makeAll();
  await until(() => subscriber.waiting === MESSAGES, 'all calls are taken', LONG);
  return ids;
}

const killWorkers = () => Promise.all(cluster.workers.map((worker) => worker.kill()));

/** All delivered, and logged as one attempt that succeeded each, as the API tells it. */
async function isTrue(ids: readonly string[]): Promise<void> {
  const pending = async () =>
    (await cluster.sql<{ n: number }>("select count(*)::int as n from deliveries where state = 'pending'"))[0]?.n;
  await until(async () => (await pending().catch(() => 1)) === 0, 'nothing is pending', LONG);
  for (const id of ids) {
    const { data } = await svix.messageAttempt.listByMsg(app, id);
    expect(data.map(({ status }) => status)).toEqual([0]);
  }
}

/**
 * Over a real store, a real Temporal server and real processes: whatever is killed at whatever point of a delivery, no
 * message is lost, none comes more than once more, and the log has the attempt that succeeded once.
 */
describe('deliveries of which the worker is killed', { timeout: LONG }, () => {
  beforeEach(() => cluster.heal(), LONG);

  it('before the call came through: each comes once', async () => {
    await wire.set({ kind: 'drop' });
    const ids = await makeAll();
    await until(() => wire.counts.swallowed > 0, 'calls are on the wire', LONG);
    await killWorkers();
    expect(subscriber.times(ids)).toEqual({ 0: MESSAGES });
    await wire.set({ kind: 'pass' });
    await cluster.heal();
    await isTrue(ids);

    expect(subscriber.times(ids)).toEqual({ 1: MESSAGES });
  });

  it('after the call, before its answer: each comes once more, with the same id', async () => {
    const ids = await allTaken();
    await killWorkers();
    subscriber.release();
    await cluster.heal();
    await isTrue(ids);

    expect(subscriber.times(ids)).toEqual({ 2: MESSAGES });
  });

  it('after the answer, before the record: each comes once more, with the same id', async () => {
    const ids = await allTaken();
    const { proxy } = cluster.store;
    await proxy.set({ kind: 'drop' });
    const before = proxy.counts.swallowed;
    subscriber.release();
    await until(() => subscriber.waiting === 0 && proxy.counts.swallowed > before, 'a record is on its way', LONG);
    await killWorkers();
    await proxy.set({ kind: 'pass' });
    await cluster.heal();
    await isTrue(ids);

    expect(subscriber.times(ids)).toEqual({ 2: MESSAGES });
  });

  it('after the record, before that is heard of: what was written down does not come again', async () => {
    const ids = await allTaken();
    const { proxy } = cluster.store;
    await proxy.set({ kind: 'lose_replies', chance: 1, of: RECORD, afterwards: 'silence' });
    const before = proxy.counts.repliesLost;
    subscriber.release();
    await until(() => proxy.counts.repliesLost > before, 'a record is made and not heard of', LONG);
    const written = await cluster.sql<{ id: string }>(
      "select m.id from deliveries d join messages m on m.seq = d.message_seq where d.state = 'delivered'",
    );
    await killWorkers();
    await proxy.set({ kind: 'pass' });
    await cluster.heal();
    await isTrue(ids);

    const safe = written.map(({ id }) => id).filter((id) => ids.includes(id));
    expect(safe.length).toBeGreaterThan(0);
    expect(subscriber.times(safe)).toEqual({ 1: safe.length });
    expect(Object.keys(subscriber.times(ids)).every((times) => Number(times) <= 2)).toBe(true);
  });
});

describe('messages of which the server is killed while they are made', { timeout: LONG }, () => {
  beforeEach(() => cluster.heal(), LONG);

  it('are made once each, however often they are asked for, and come once', async () => {
    const { proxy } = cluster.store;
    await proxy.set({ kind: 'lose_replies', chance: 1, of: COMMIT, afterwards: 'silence' });
    const before = await inStore();
    const making = makeAll();
    await until(async () => (await inStore()) > before, 'some are made, and nobody hears of it', LONG);
    await cluster.servers[0]?.kill();
    await proxy.set({ kind: 'pass' });
    await cluster.heal();
    const ids = await making;
    await isTrue(ids);

    expect((await inStore()) - before).toBe(MESSAGES);
    expect(subscriber.times(ids)).toEqual({ 1: MESSAGES });
  });
});

describe('deliveries of which everything is killed, PostgreSQL and Temporal too', { timeout: LONG }, () => {
  beforeEach(() => cluster.heal(), LONG);

  it('go on by themselves', async () => {
    const ids = await allTaken();
    await Promise.all([
      ...cluster.processes.map((one) => one.kill()),
      cluster.store.stopImmediately(),
      cluster.temporal.kill(),
    ]);
    subscriber.release();
    await Promise.all([cluster.store.startAgain(), cluster.temporal.startAgain()]);
    await cluster.heal();
    await isTrue(ids);

    expect(subscriber.times(ids)).toEqual({ 2: MESSAGES });
  });

  it('with not one that did not verify, and no process that ended by itself', async () => {
    expect(subscriber.forged).toEqual([]);
    expect(cluster.unbidden).toEqual([]);
    expect(await inStore()).toBe(made);
  });
});
