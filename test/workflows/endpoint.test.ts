import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DELIVERY_TASK_QUEUE } from '../../src/contracts/delivery.js';
import { fastClock, MONDAY_9 } from '../support/onboarding-fixture.js';
import { eventually, sharedTemporal, type TestServer } from '../support/temporal.js';
import { type EndpointStand, endpointStand, hanging, openSite, type Site } from './endpoint-stand.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Four hours a second. */
const FAST = 4 / 24;

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

const looked = (times: number, withinMs?: number) => eventually(() => it_.looks.length >= times || undefined, withinMs);

describe('the workflow of an endpoint', () => {
  it('looks at the queue when it is woken for the first time, and again at each wake, without a timer', async () => {
    it_ = endpointStand(site, fastClock(FAST));
    for (let n = 1; n <= 3; n++) {
      await it_.wake();
      await looked(n);
    }
    await it_.settled(3);

    expect(it_.looks[0]?.order).toMatchObject({ endpoint: it_.key, clock: { speed: 4 * 3_600 } });
    expect(await it_.count('timerStartedEventAttributes')).toBe(0);
    expect(await it_.count('upsertWorkflowSearchAttributesEventAttributes')).toBe(0);
    expect(await it_.count('activityTaskScheduledEventAttributes')).toBe(3);
  });

  it('looks once more after a look during which it was woken, however often', async () => {
    it_ = endpointStand(site, fastClock(FAST));
    const { until, release } = hanging();
    it_.answer = async ({ number }) => {
      if (number === 1) await until;
      return {};
    };
    await it_.wake();
    await looked(1);
    for (let n = 0; n < 5; n++) await it_.wake();
    release();
    await looked(2);
    await it_.settled(2);

    expect(await it_.count('activityTaskScheduledEventAttributes')).toBe(2);
  });

  it('waits for the next try, and says so on its timer', async () => {
    it_ = endpointStand(site, fastClock(FAST));
    const due = MONDAY_9 + 3 * HOUR;
    it_.answer = ({ number }) => (number === 1 ? { nextAt: due, pending: 1 } : {});
    await it_.wake();
    await looked(2);

    expect(it_.looks[1]?.at).toBeGreaterThanOrEqual(due);
    expect(await summaries(it_, 'timerStartedEventAttributes')).toEqual(['Next try due 2026-03-02 12:00:00 UTC']);
  });

  it('goes on at once where the next try is due by the report, whatever its own clock says', async () => {
    it_ = endpointStand(site, fastClock(FAST));
    it_.answer = ({ number }) =>
      number <= 5 ? { at: MONDAY_9 + number * 24 * HOUR, nextAt: MONDAY_9 + 24 * HOUR } : {};
    await it_.wake();
    await looked(6);

    expect(await it_.count('timerStartedEventAttributes')).toBe(0);
  });

  it('leaves its timer alone while the next try only moves later, and looks no earlier than it', async () => {
    it_ = endpointStand(site, fastClock(FAST));
    const first = MONDAY_9 + 16 * HOUR;
    it_.answer = ({ number }) => (number <= 4 ? { nextAt: first + (number - 1) * HOUR, pending: 1 } : {});
    for (let n = 1; n <= 4; n++) {
      await it_.wake();
      await looked(n);
      await it_.settled(n);
    }
    expect(await it_.count('timerStartedEventAttributes')).toBe(1);
    await looked(5);

    expect(it_.looks[4]?.at).toBeGreaterThanOrEqual(first + 3 * HOUR);
    expect(await it_.count('timerStartedEventAttributes')).toBe(2);
    expect(await it_.count('timerCanceledEventAttributes')).toBe(0);
  });

  it('lets its timer go once nothing is pending', async () => {
    it_ = endpointStand(site, fastClock(FAST / 60));
    it_.answer = ({ number }) =>
      number === 1 ? { nextAt: MONDAY_9 + 24 * HOUR } : { nextAt: null, disabled: 'operator' };
    await it_.wake();
    await it_.settled(1);
    await it_.wake();
    await it_.settled(2);

    await eventually(async () => ((await it_.count('timerCanceledEventAttributes')) === 1 ? true : undefined));
  });

  it('does not look a second time because its timer fired during a look', async () => {
    it_ = endpointStand(site, fastClock(FAST));
    const { until, release } = hanging();
    it_.answer = async ({ number }) => {
      if (number === 1) return { nextAt: MONDAY_9 + 8 * HOUR };
      await until;
      return {};
    };
    await it_.wake();
    await it_.settled(1);
    await it_.wake();
    await looked(2);
    await eventually(async () => ((await it_.count('timerFiredEventAttributes')) === 1 ? true : undefined));
    release();
    await it_.settled(2);

    expect(await it_.count('activityTaskScheduledEventAttributes')).toBe(2);
  });

  it('ends where the endpoint was deleted', async () => {
    it_ = endpointStand(site, fastClock(FAST));
    it_.answer = ({ number }) => (number === 1 ? { nextAt: MONDAY_9 + 24 * HOUR } : { gone: true });
    await it_.wake();
    await it_.settled(1);
    await it_.wake();
    await it_.handle.result();

    expect(it_.looks).toHaveLength(2);
  });

  it('goes on where it stood when its worker was away, and takes what came meanwhile', async () => {
    it_ = endpointStand(site, fastClock(FAST / 60));
    it_.answer = () => ({ nextAt: MONDAY_9 + 24 * HOUR, pending: 7 });
    await it_.wake();
    await it_.settled(1);
    await site.stopWorker();
    await it_.wake();
    await site.startWorker();
    await looked(2);
    await it_.settled(2);

    expect(await it_.count('timerStartedEventAttributes')).toBe(1);
    expect(await it_.details()).toContain('| Pending | 7 |');
  });

  it('leaves a signal of another name alone', async () => {
    it_ = endpointStand(site, fastClock(FAST));
    await it_.wake();
    await it_.settled(1);
    await it_.handle.signal('wakeUpPlease', { at: 'once' });
    await it_.wake();
    await looked(2);
  });

  it('gives a look three minutes, ten seconds between heartbeats and no end of tries, on the queue of deliveries', async () => {
    it_ = endpointStand(site, fastClock(FAST));
    it_.answer = ({ number }) => {
      if (number < 3) throw new Error('connect ECONNREFUSED');
      return {};
    };
    await it_.wake();
    await looked(3);
    await it_.settled(1);
    await it_.wake();
    await it_.settled(2);

    const { events } = await it_.handle.fetchHistory();
    const scheduled = (events ?? []).flatMap((event) => event.activityTaskScheduledEventAttributes ?? []);
    expect(scheduled).toHaveLength(2);
    expect(scheduled[0]).toMatchObject({ taskQueue: { name: DELIVERY_TASK_QUEUE } });
    expect(Number(scheduled[0]?.startToCloseTimeout?.seconds)).toBe(180);
    expect(Number(scheduled[0]?.heartbeatTimeout?.seconds)).toBe(10);
    expect(Number(scheduled[0]?.retryPolicy?.maximumInterval?.seconds)).toBe(10);
    expect(scheduled[0]?.retryPolicy?.maximumAttempts ?? 0).toBe(0);
    expect(await summaries(it_, 'activityTaskScheduledEventAttributes')).toEqual([
      'Deliver what is due to Endpoint of the test',
      'Deliver what is due to hooks.example',
    ]);
  });
});

describe('its page in the Temporal UI', () => {
  it('shows what is pending, when the next try comes and why the last one failed, and of the address the host alone', async () => {
    it_ = endpointStand(site, fastClock(FAST / 60));
    it_.answer = ({ number }) => ({
      url: 'https://hooks.example:8443/in/s3cret?key=s3cret',
      pending: 12,
      failures: 3,
      nextAt: MONDAY_9 + 24 * HOUR,
      ...(number === 1
        ? { attempts: 4, lastFailure: { at: MONDAY_9, why: 'answered 503 | Service\nUnavailable' } }
        : {}),
    });
    await it_.wake();
    await it_.settled(1);
    await it_.wake();
    await it_.settled(2);

    const details = await it_.details();
    for (const line of [
      '### Endpoint of the test',
      '| Sends to | hooks.example:8443 |',
      '| State | enabled |',
      '| Pending | 12 |',
      '| Next try | 2026-03-03 09:00:00 UTC |',
      '| Failed for good in a row | 3 |',
      // The second look made no attempt, so it knows of no failure: the one before does.
      '| Last failure | 2026-03-02 09:00:00 UTC: answered 503 \\| Service Unavailable |',
    ])
      expect(details).toContain(line);
    expect(details).not.toContain('s3cret');
    expect((await it_.handle.describe()).memo).toEqual({ title: 'Endpoint of the test' });
  });

  it('says why nothing is sent to it any more', async () => {
    it_ = endpointStand(site, fastClock(FAST));
    it_.answer = () => ({ disabled: 'receiver', pending: 2 });
    await it_.wake();
    await it_.settled(1);

    const details = await it_.details();
    expect(details).toContain('| State | **disabled: it answered that it wants nothing more** |');
    expect(details).toContain('| Next try | none while it is disabled |');
  });
});

async function summaries(
  stand: EndpointStand,
  attributes: 'timerStartedEventAttributes' | 'activityTaskScheduledEventAttributes',
): Promise<string[]> {
  const { events } = await stand.handle.fetchHistory();
  return (events ?? [])
    .filter((event) => event[attributes])
    .map((event) => JSON.parse(Buffer.from(event.userMetadata?.summary?.data ?? '').toString()) as string);
}
