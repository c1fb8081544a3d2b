import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SILENT } from '../../src/contracts/observer.js';
import { startPostgres } from '../../src/embedded/postgres.js';
import { openStore, type Store } from '../../src/store/store.js';
import { arrival } from '../store/arrivals.js';
import { SECRET, Sender } from './sender.js';
import { Machine, type SlipwayProcess } from './slipway-process.js';

/** Each is a signal that starts a workflow: seconds of work for the Temporal server. */
const WAITING = 300;

let machine: Machine;
let sender: Sender;

const start = () => machine.start({ PIVOTAL_WEBHOOK_SECRET: SECRET });

async function stop(slipway: SlipwayProcess): Promise<void> {
  slipway.signal('SIGTERM');
  expect(await slipway.ends(), slipway.said).toBe(0);
}

/** While no Slipway runs. */
async function withInbox<T>(work: (inbox: Store['inbox']) => Promise<T>): Promise<T> {
  const postgres = await startPostgres({ dataDir: machine.dataDir, progress: () => {} });
  const store = openStore({ url: postgres.url, observer: SILENT, serverId: 'died' });
  try {
    return await work(store.inbox);
  } finally {
    await store.close();
    await postgres.stop();
  }
}

const waiting = Array.from({ length: WAITING }, (_, n) => arrival(`evt_waiting_${n}`, `onb_waiting_${n}`));

async function readiness(): Promise<object> {
  const answer = await fetch(`${machine.edgeUrl}/readyz`);
  return { ...((await answer.json()) as object), code: answer.status };
}

beforeAll(async () => {
  machine = await Machine.make();
  sender = new Sender(machine.edgeUrl);
  await stop(await start().ready());
  await withInbox((inbox) => Promise.all(waiting.map((event) => inbox.accept(event))));
});
afterAll(() => machine.remove());

/** One inbox that takes seconds to be signalled, told in order. */
describe('while a start signals what waited in the inbox', () => {
  it('it takes events, and stops when it is told to: what still waits is left to the next start', async () => {
    const slipway = start();
    await slipway.says('Events are taken');

    expect(await sender.send('onb_new')).toBe(200);
    await stop(slipway);

    expect(slipway.out).not.toMatch(/Inbox drained|Worker runs|is ready/);
    expect(slipway.err).toBe('');
    expect(machine.servers()).toEqual([]);
    expect((await withInbox((inbox) => inbox.depth())).pending).toBeGreaterThan(0);
  });

  it('it is not ready, and senders that go on sending keep it from that no longer than what waited', async () => {
    const slipway = start();
    await slipway.says('Events are taken');
    expect(await readiness()).toMatchObject({
      code: 503,
      status: 'not_ready',
      checks: { store: 'ok', temporal: expect.stringMatching(/waited in the inbox.*worker/) },
    });
    const over = new AbortController();
    const pouring = (async () => {
      while (!over.signal.aborted) expect(await sender.send('onb_new')).toBe(200);
    })();

    await slipway.ready();
    over.abort();
    await pouring;

    const drained = Number(/Inbox drained: (\d+) events/.exec(slipway.out)?.[1]);
    expect(drained).toBeGreaterThanOrEqual(WAITING);
    expect(slipway.out).toMatch(/Events are taken[^]*Inbox drained[^]*Worker runs[^]*is ready/);
    await expect.poll(readiness, { timeout: 5_000 }).toMatchObject({ code: 200, status: 'ready' });
    const pending = async () => {
      const answer = await fetch(`${machine.consoleUrl}/api/v1/status`);
      return ((await answer.json()) as { inbox: { pending: number } }).inbox.pending;
    };
    await expect.poll(pending, { timeout: 30_000 }).toBe(0);
    await stop(slipway);
  });
});
