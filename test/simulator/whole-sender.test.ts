import { randomBytes, randomUUID } from 'node:crypto';
import { MessageAttemptTriggerType, Svix } from 'svix';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDeliverDue } from '../../src/activities/deliver-due.js';
import { SILENT } from '../../src/contracts/observer.js';
import { createEndpointWaker } from '../../src/dispatch/endpoint-waker.js';
import { RETRY_SCHEDULE } from '../../src/domain/delivery/schedule.js';
import { toVirtual } from '../../src/domain/time/clock.js';
import { StoreUnavailable } from '../../src/contracts/inbox.js';
import { createOutbound } from '../../src/outbound/post.js';
import { APPLICATION } from '../../src/simulator/outbox.js';
import { OWN_INGRESS } from '../../src/simulator/carrier.js';
import { createPage } from '../../src/simulator/page.js';
import { simulate } from '../../src/simulator/simulate.js';
import { openStore } from '../../src/store/store.js';
import { createEndpointGateway } from '../../src/temporal/endpoints.js';
import { serve } from '../api/served.js';
import { World } from '../api/world.js';
import { Edge } from '../ingress/edge.js';
import { fastClock } from '../support/onboarding-fixture.js';
import { TestPostgres } from '../support/postgres.js';
import { sharedTemporal, type TestServer } from '../support/temporal.js';
import { openSite } from '../workflows/endpoint-stand.js';

/** What the edge of test/ingress calls current. */
const SECRET = `whsec_${Buffer.from('now'.padEnd(24, '-')).toString('base64')}`;
const DAY_MS = 86_400_000;

let postgres: TestPostgres;
let server: TestServer;
beforeAll(async () => {
  [postgres, server] = await Promise.all([TestPostgres.start(), sharedTemporal()]);
});
afterAll(async () => {
  await postgres.stop();
  await server.close();
});

/** All that sends in a Slipway: console, store, workflow, activity and guard, which lets through this edge alone. */
async function openSender(edgeUrl: string) {
  const clock = fastClock(1);
  const virtualNow = () => toVirtual(clock, Date.now());
  const url = await postgres.database();
  const secretKey = randomBytes(32);
  const store = openStore({ url, observer: SILENT, serverId: randomUUID(), virtualNow, secretKey });
  const outbound = createOutbound({ allowPrivate: false, exempt: edgeUrl });
  const queue = store.deliveries;
  const deliverDue = createDeliverDue({ queue, outbound, observer: SILENT, schedule: RETRY_SCHEDULE, random: () => 0 });
  const site = await openSite(server.address, { deliverDue });
  const gateway = createEndpointGateway({ client: site.client, taskQueue: site.taskQueue, clock });
  const waker = createEndpointWaker({ gateway, wakes: store.wakes, observer: SILENT, now: Date.now, lot: () => 0 });
  store.onWake((endpoints) => waker.wake(endpoints));
  waker.start();
  const api = await serve(new World().deps({ webhooks: store.webhooks, now: virtualNow }));
  const close = async () => {
    await api.close();
    await waker.stop();
    await site.close();
    await store.close();
    await outbound.close();
  };
  return { url: api.url, close };
}

describe('slipway simulate on the whole sender', () => {
  it('has every event acknowledged, through a trouble at the edge, and its repeats known', async () => {
    const edge = await Edge.open();
    const accept = edge.inbox.accept.bind(edge.inbox);
    let failing = 3;
    edge.inbox.accept = (arrival) =>
      failing-- > 0 ? Promise.reject(new StoreUnavailable('out of order')) : accept(arrival);
    const sender = await openSender(edge.url);
    let text = '';
    const page = createPage({ write: (some) => void (text += some), isTerminal: false, env: {} });
    const story = { onboardings: 2, days: 30, speed: (30 * DAY_MS) / 1_000, seed: 4, live: false };
    const code = await simulate({
      ...story,
      url: `${edge.url}/webhooks/pivotal`,
      secret: SECRET,
      consoleUrl: sender.url,
      page,
      isTerminal: false,
      stopped: new AbortController().signal,
    });
    const svix = new Svix('', { serverUrl: sender.url });
    const { data: attempts } = await svix.messageAttempt.listByEndpoint(APPLICATION, OWN_INGRESS, { limit: 250 });
    await sender.close();

    expect(code, text).toBe(0);
    const [, acknowledged, duplicates] = /(\d+) acknowledged, (\d+) of them/.exec(text) ?? [];
    expect(text).toMatch(/Tried again +3 times/);
    expect(attempts).toHaveLength(Number(acknowledged) + 3);
    expect(attempts.filter(({ triggerType }) => triggerType === MessageAttemptTriggerType.Manual)).toHaveLength(
      Number(duplicates),
    );
    expect(edge.inbox.arrivals).toHaveLength(Number(acknowledged) - Number(duplicates));
    expect(text).toMatch(/Forgeries +(\d+) of \1 turned away/);
  });
});
