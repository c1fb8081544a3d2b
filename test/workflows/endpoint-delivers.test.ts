import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDeliverDue } from '../../src/activities/deliver-due.js';
import type { DeliverOrder, DeliveryActivities } from '../../src/contracts/delivery.js';
import { SILENT } from '../../src/contracts/observer.js';
import { createEndpointWaker, type EndpointWaker } from '../../src/dispatch/endpoint-waker.js';
import { RETRY_SCHEDULE } from '../../src/domain/delivery/schedule.js';
import { type Clock, toVirtual } from '../../src/domain/time/clock.js';
import { createOutbound, type Outbound } from '../../src/outbound/post.js';
import { billedActions, total } from '../support/billed-actions.js';
import { DeliveryQueueDouble } from '../support/delivery-queue-double.js';
import { fastClock } from '../support/onboarding-fixture.js';
import { eventually, sharedTemporal, type TestServer } from '../support/temporal.js';
import { type EndpointStand, endpointStand, openSite, type Site } from './endpoint-stand.js';

const HOUR = 3_600_000;
const MESSAGES = 1_000;
const EVERY_MS = 5;
/** A heartbeat that reaches the server is billed too, and the SDK of the worker here lets one through in this time. */
const HEARTBEAT_EVERY_MS = 8_000;

/** Real deliveries to a receiver on this machine; the queue alone is in memory. */
describe('an endpoint whose deliveries are real', () => {
  let server: TestServer;
  let site: Site;
  let receiver: Server;
  let outbound: Outbound;
  let waker: EndpointWaker;
  let it_: EndpointStand;
  let status = 204;
  // Four hours a second.
  const clock: Clock = fastClock(4 / 24);
  const queue = new DeliveryQueueDouble(
    () => toVirtual(clock, Date.now()),
    (endpoint) => waker.wake([endpoint]),
  );

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(status).end());
    }).listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    outbound = createOutbound({ allowPrivate: true });
    server = await sharedTemporal();
    site = await openSite(server.address, { deliverDue: deliveries() });
    const { port } = receiver.address() as AddressInfo;
    it_ = endpointStand(site, clock, undefined, queue.addEndpoint({ url: `http://127.0.0.1:${port}/in` }));
    waker = createEndpointWaker({
      gateway: it_.gateway,
      wakes: { wanted: async () => [] },
      observer: SILENT,
      now: Date.now,
      lot: Math.random,
    });
    waker.start();
  });
  afterAll(async () => {
    await waker.stop();
    await it_.close();
    await site.close();
    await outbound.close();
    receiver.close();
    receiver.closeAllConnections();
    await server.close();
  });

  function deliveries(): DeliveryActivities['deliverDue'] {
    const deliverDue = createDeliverDue({
      queue,
      outbound,
      observer: SILENT,
      schedule: RETRY_SCHEDULE,
      random: () => 0,
    });
    return (order: DeliverOrder) => deliverDue(order);
  }

  it('costs less than 100 billed Actions for 1,000 of them under steady load', { timeout: 60_000 }, async () => {
    const begun = Date.now();
    for (let sent = 0; sent < MESSAGES; sent++) {
      queue.send(it_.key);
      await pause(EVERY_MS);
    }
    await eventually(() => queue.of(it_.key).isAsleep || undefined, 30_000);
    await it_.settled(1);

    expect(queue.of(it_.key).log.filter(({ succeeded }) => succeeded)).toHaveLength(MESSAGES);
    const billed = (await it_.histories()).map(billedActions);
    const heartbeats = Math.ceil((Date.now() - begun) / HEARTBEAT_EVERY_MS);
    expect(
      billed.reduce((sum, run) => sum + total(run), heartbeats),
      JSON.stringify(billed),
    ).toBeLessThanOrEqual(100);
  });

  it('is tried eight times, the last one a day after the first, and fails for good', { timeout: 90_000 }, async () => {
    status = 503;
    const { log } = queue.of(it_.key);
    const [seq = ''] = queue.send(it_.key);
    await eventually(() => queue.row(it_.key, seq).state === 'failed' || undefined, 60_000);

    const tries = log.slice(MESSAGES);
    const [first] = tries;
    expect(tries).toHaveLength(8);
    expect(new Set(tries.map(({ messageId }) => messageId)).size).toBe(1);
    // None before its instant; a second here is four hours, so how late they are is shown where time is passed over.
    tries.slice(1).forEach(({ at }, n) => expect(at).toBeGreaterThanOrEqual(tries[n]?.nextAt ?? Number.NaN));
    expect(tries.at(-2)?.nextAt).toBe((first?.at ?? 0) + 24 * HOUR);
    expect(tries.at(-1)?.nextAt).toBeNull();
  });
});
