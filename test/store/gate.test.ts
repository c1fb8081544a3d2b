import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SILENT } from '../../src/contracts/observer.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/time/duration.js';
import { openStore, type Store } from '../../src/store/store.js';
import { POSTGRES_VERSIONS, TestPostgres } from '../support/postgres.js';
import { arrival, MONDAY_9AM } from './arrivals.js';
import { gateQuestion } from './gate-questions.js';

const SETTLE = 2 * MINUTE_MS;

describe.each(POSTGRES_VERSIONS)('gate on the %s PostgreSQL', (version) => {
  let postgres: TestPostgres;
  let url: string;
  let now: number;
  const open: Store[] = [];

  beforeAll(async () => {
    postgres = await TestPostgres.start(version);
    url = await postgres.database();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    await postgres.clear(url);
    now = MONDAY_9AM;
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((store) => store.close()));
  });

  function server(serverId = 'a'): Store {
    const store = openStore({ url, observer: SILENT, serverId, now: () => now });
    open.push(store);
    return store;
  }

  /** One that happened `ageMs` before it arrived, `agoMs` before now, and is signalled. */
  async function heard(
    store: Store,
    id: string,
    ageMs: number,
    agoMs: number,
    onboarding = 'onb_2',
    source = 'pivotal',
  ) {
    const receivedVirtual = now - agoMs;
    const change = { source, receivedVirtual, receivedAt: receivedVirtual, occurredAt: receivedVirtual - ageMs };
    const { seq } = await store.inbox.accept(arrival(id, onboarding, change));
    await store.inbox.settle([seq], 'signalled');
  }

  /** A heartbeat a minute. */
  async function beats(store: Store, minutes: number) {
    for (let n = 0; n < minutes; n++) {
      now += MINUTE_MS;
      await store.inbox.heartbeat();
    }
  }

  it('is open on a fresh store', async () => {
    expect(await server().gate.ask(gateQuestion())).toEqual({ open: true });
  });

  it('holds while a row of this onboarding waits, and opens once it is signalled', async () => {
    const store = server();
    const { seq } = await store.inbox.accept(arrival('evt_1', 'onb_1'));

    const before = await store.gate.ask(gateQuestion());
    await store.inbox.settle([seq], 'signalled');

    expect(before).toMatchObject({ open: false, until: MONDAY_9AM + SETTLE });
    expect(await store.gate.ask(gateQuestion())).toEqual({ open: true });
  });

  it('is not held by rows of other onboardings', async () => {
    const store = server();
    await store.inbox.accept(arrival('evt_1', 'onb_2'));

    expect(await store.gate.ask(gateQuestion())).toEqual({ open: true });
  });

  it('lets updates of what already went out pass', async () => {
    const store = server();
    await store.inbox.accept(arrival('evt_1', 'onb_1'));

    expect(await store.gate.ask(gateQuestion({ applies: false }))).toEqual({ open: true });
  });

  it('holds after one old event of this onboarding', async () => {
    const store = server();
    await heard(store, 'evt_1', HOUR_MS + 1, MINUTE_MS, 'onb_1');

    expect(await store.gate.ask(gateQuestion())).toMatchObject({ open: false, until: MONDAY_9AM + MINUTE_MS });
  });

  it('holds after three old events of one source, not after two, nor of two sources', async () => {
    const store = server();
    await heard(store, 'evt_1', 2 * HOUR_MS, 90_000);
    await heard(store, 'evt_2', 2 * HOUR_MS, 60_000);
    await heard(store, 'evt_3', 2 * HOUR_MS, 60_000, 'onb_3', 'sandbox');
    const afterTwo = await store.gate.ask(gateQuestion({ sources: ['pivotal', 'sandbox'] }));

    await heard(store, 'evt_4', 2 * HOUR_MS, 30_000, 'onb_4');

    expect(afterTwo).toEqual({ open: true });
    expect(await store.gate.ask(gateQuestion())).toMatchObject({ open: false, until: MONDAY_9AM - 30_000 + SETTLE });
    expect(await store.gate.ask(gateQuestion({ sources: ['sandbox'] }))).toEqual({ open: true });
  });

  it('takes an hour for fresh, and forgets old events after the settle time', async () => {
    const store = server();
    for (const id of ['evt_1', 'evt_2', 'evt_3']) await heard(store, id, HOUR_MS, 0, 'onb_1');
    for (const id of ['evt_4', 'evt_5', 'evt_6']) await heard(store, id, 2 * HOUR_MS, SETTLE + 1, 'onb_1');

    expect(await store.gate.ask(gateQuestion())).toEqual({ open: true });
  });

  it('knows a first start from a silence, and a restart from both', async () => {
    await server('a').inbox.heartbeat();
    const firstStart = await server('a').gate.ask(gateQuestion({ dueAt: MONDAY_9AM - HOUR_MS }));
    now += HOUR_MS;
    const restarted = server('b');
    await restarted.inbox.heartbeat();

    expect(firstStart).toEqual({ open: true });
    expect(await restarted.gate.ask(gateQuestion({ dueAt: MONDAY_9AM + 30 * MINUTE_MS }))).toMatchObject({
      open: false,
      until: now + 5 * HOUR_MS,
      reason: expect.stringContaining('nothing was heard from 2026-11-23 08:00 to 2026-11-23 09:00 UTC'),
    });
  });

  it('sees a machine that slept although its server went on', async () => {
    const store = server();
    await store.inbox.heartbeat();
    await beats(store, 20);
    const awake = await store.gate.ask(gateQuestion({ dueAt: now }));
    const slept = now;
    now += 20 * MINUTE_MS;
    await store.inbox.heartbeat();

    expect(awake).toEqual({ open: true });
    expect(await store.gate.ask(gateQuestion({ dueAt: slept + MINUTE_MS }))).toMatchObject({
      open: false,
      until: now + 2 * HOUR_MS,
    });
  });

  it('sees a weekend from its far end, and notes it on what is sent then', async () => {
    await server('a').inbox.heartbeat();
    now += 3 * DAY_MS;
    const store = server('b');
    await store.inbox.heartbeat();
    const held = await store.gate.ask(gateQuestion({ dueAt: MONDAY_9AM + DAY_MS, severity: 'high' }));
    await beats(store, 40);

    expect(held).toMatchObject({ open: false, until: MONDAY_9AM + 3 * DAY_MS + 30 * MINUTE_MS });
    expect(await store.gate.ask(gateQuestion({ dueAt: now, severity: 'high' }))).toMatchObject({
      open: true,
      note: expect.stringContaining('2026-11-23 08:00'),
    });
  });

  it('does not take a server beside it that stopped for a silence', async () => {
    const [one, other] = [server('a'), server('b')];
    await Promise.all([one.inbox.heartbeat(), other.inbox.heartbeat()]);
    await beats(other, 20);

    expect(await other.gate.ask(gateQuestion({ dueAt: now }))).toEqual({ open: true });
  });
});
