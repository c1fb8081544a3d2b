import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/contracts/gateway.js';
import { fastClock, MONDAY_9 } from '../support/onboarding-fixture.js';
import { eventually, sharedTemporal, type TestServer } from '../support/temporal.js';
import { type EndpointStand, endpointStand, openSite, type Site } from './endpoint-stand.js';

const WAKES = 400;
const RUNS = 20;
const AT_ONCE = 8;
/** Wakes sent ahead of the workflow: enough to meet every change of run, few enough for the server's buffer of 100. */
const AHEAD = 40;
const DAY = 86_400_000;

describe('an endpoint whose run continues as new', () => {
  let server: TestServer;
  let site: Site;
  let it_: EndpointStand;
  beforeAll(async () => {
    server = await sharedTemporal();
    site = await openSite(server.address);
  });
  afterEach(() => it_.close());
  afterAll(async () => {
    await site.close();
    await server.close();
  });

  it('looks after each of 400 wakes and more, over more than 20 runs, and its history stays short', {
    timeout: 120_000,
  }, async () => {
    it_ = endpointStand(site, fastClock(1 / 24), 8);
    let queued = 0;
    let seen = 0;
    it_.answer = () => {
      seen = queued;
      return {};
    };
    const queueAndWake = async () => {
      queued++;
      await wakeUntilTaken(it_);
    };

    const runs = async () => (await site.client.workflow.count(`WorkflowId = '${it_.handle.workflowId}'`)).count;

    // How many wakes one task takes in depends on the machine, and so does how often the run changes for them.
    for (let sent = 0; sent < WAKES || (await runs()) <= RUNS; sent += AHEAD) {
      await Promise.all(Array.from({ length: AT_ONCE }, () => inTurn(AHEAD / AT_ONCE, queueAndWake)));
      // A wake that was lost leaves its message unseen for good.
      await eventually(() => seen === queued || undefined);
      expect(queued).toBeLessThan(5 * WAKES);
    }
    expect(seen).toBe(queued);

    const { historyLength } = await it_.handle.describe();
    expect(historyLength).toBeLessThan(120);
  });

  it('waits for the same instant, and still knows what the run before found', async () => {
    it_ = endpointStand(site, fastClock(1 / 24), 30);
    const due = MONDAY_9 + 30 * DAY;
    it_.answer = ({ number }) => ({
      nextAt: due,
      pending: 3,
      ...(number === 1 ? { attempts: 1, lastFailure: { at: MONDAY_9, why: 'answered 503' } } : {}),
    });
    await it_.wake();
    await it_.settled(1);
    const { runId } = await it_.handle.describe();
    for (let n = 0; (await it_.handle.describe()).runId === runId; n++) await it_.wake();
    await it_.settled(1);

    expect(await it_.details()).toContain('| Last failure | 2026-03-02 09:00:00 UTC: answered 503 |');
    expect((await it_.handle.describe()).memo).toEqual({ title: 'Endpoint of the test' });
    expect(await it_.count('timerStartedEventAttributes')).toBe(1);
  });
});

/** As the waker does: what was not taken in time is sent again. */
async function wakeUntilTaken(stand: EndpointStand): Promise<void> {
  for (;;) {
    try {
      return await stand.wake();
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
    }
  }
}

async function inTurn(times: number, act: () => Promise<void>): Promise<void> {
  for (let n = 0; n < times; n++) await act();
}
