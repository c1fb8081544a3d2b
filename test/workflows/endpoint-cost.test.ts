import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SILENT } from '../../src/contracts/observer.js';
import { createEndpointWaker } from '../../src/dispatch/endpoint-waker.js';
import { billedActions, total } from '../support/billed-actions.js';
import { fastClock } from '../support/onboarding-fixture.js';
import { eventually, sharedTemporal, type TestServer } from '../support/temporal.js';
import { endpointStand, openSite, type Site } from './endpoint-stand.js';

const MESSAGES = 1_000;
const EVERY_MS = 5;
/** A thirtieth and a tenth of what a real look takes, so that it costs more here than where it counts. */
const TURN_MS = 2_000;
const LINGER_MS = 500;
/** A heartbeat that reaches the server is billed too, and the SDK lets one through in this time. */
const HEARTBEAT_EVERY_MS = 5_000;

describe('what deliveries under steady load cost', () => {
  let server: TestServer;
  let site: Site;
  beforeAll(async () => {
    server = await sharedTemporal();
    site = await openSite(server.address);
  });
  afterAll(async () => {
    await site.close();
    await server.close();
  });

  it('is less than 100 billed Actions for 1,000 of them', { timeout: 60_000 }, async () => {
    const it_ = endpointStand(site, fastClock(1 / 24));
    const waker = createEndpointWaker({
      gateway: it_.gateway,
      wakes: { wanted: async () => [] },
      observer: SILENT,
      now: Date.now,
      lot: Math.random,
    });
    const queue = new Queue(() => waker.wake([it_.key]));
    it_.answer = async () => ({ nextAt: await queue.turn(it_.now) });
    waker.start();
    const begun = Date.now();

    for (let sent = 0; sent < MESSAGES; sent++) {
      queue.add();
      await pause(EVERY_MS);
    }
    await eventually(() => (queue.delivered === MESSAGES && queue.isAsleep) || undefined);
    await waker.stop();

    const billed = (await it_.histories()).map(billedActions);
    const heartbeats = Math.ceil((Date.now() - begun) / HEARTBEAT_EVERY_MS);
    expect(
      billed.reduce((sum, run) => sum + total(run), heartbeats),
      JSON.stringify(billed),
    ).toBeLessThanOrEqual(100);
    // It was one look after the other, and none for each message.
    expect(it_.looks.length).toBeGreaterThan(1);
    await it_.close();
  });
});

/** The queue as the contract has it: who adds to it wakes an endpoint that sleeps, and is heard by one that lingers. */
class Queue {
  delivered = 0;
  isAsleep = true;
  #pending = 0;
  #queued: () => void = () => {};

  constructor(private readonly wake: () => void) {}

  add(): void {
    this.#pending++;
    if (!this.isAsleep) return this.#queued();
    this.isAsleep = false;
    this.wake();
  }

  /** When the next try is due: at once where the turn was over before the load was. */
  async turn(now: () => number): Promise<number | null> {
    const endsAt = Date.now() + TURN_MS;
    while (Date.now() < endsAt) {
      this.delivered += this.#pending;
      this.#pending = 0;
      if (!(await this.#more())) {
        this.isAsleep = true;
        return null;
      }
    }
    return now();
  }

  #more(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), LINGER_MS);
      this.#queued = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}
