import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Edge, moved, SECRETS } from './edge.js';

const BOUND = 300;
const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 2, 12, 0, 0);
const wrong = { secret: SECRETS.sandbox };
const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: START }));
afterEach(() => void vi.useRealTimers());

async function refusedTo(edge: Edge, times: number, options: object = wrong): Promise<number[]> {
  const statuses: number[] = [];
  for (let n = 0; n < times; n++) statuses.push((await edge.post(moved('evt_x'), options)).status);
  return statuses;
}

describe('an address that is refused again and again', () => {
  it('is told why up to the bound, and after it to wait; the log of rejections stays as short', async () => {
    const edge = await Edge.open();
    expect(new Set(await refusedTo(edge, BOUND))).toEqual(new Set([401]));
    vi.setSystemTime(START + 20_000);

    const next = await edge.post(moved('evt_x'), wrong);

    expect([next.status, next.headers.get('retry-after')]).toEqual([429, '40']);
    expect(next.json.error).toMatchObject({ type: 'rate_limit_error', code: 'too_many_refused' });
    expect(new Set(await refusedTo(edge, 50))).toEqual(new Set([429]));
    expect(edge.rejections).toHaveLength(BOUND);
    expect(edge.counts.get('slipway_events_rejected_total pivotal no_matching_signature')).toBe(BOUND + 51);
  });

  it('is never refused a good delivery, however many bad ones come between', async () => {
    const edge = await Edge.open();
    await refusedTo(edge, BOUND + 50);

    const good = await Promise.all(Array.from({ length: 20 }, (_, n) => edge.post(moved(`evt_${n}`))));

    expect(good.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(edge.inbox.arrivals).toHaveLength(20);
  });

  it('is told why again in the next minute', async () => {
    const edge = await Edge.open();
    await refusedTo(edge, BOUND + 1);
    vi.setSystemTime(START + MINUTE);

    expect(await refusedTo(edge, 1)).toEqual([401]);
  });

  it('is bound whatever it was refused for: unknown sources, methods and sizes fill no log either', async () => {
    const edge = await Edge.open();
    await refusedTo(edge, BOUND, { path: '/webhooks/nobody' });

    expect((await edge.post(moved('evt_x'), wrong)).status).toBe(429);
    expect((await fetch(`${edge.url}/webhooks/pivotal`)).status).toBe(429);
    expect((await edge.post(Buffer.alloc(300_000))).status).toBe(429);
    expect(edge.rejections).toHaveLength(BOUND);
  });
});

describe('the address', () => {
  it('is that of the connection, whatever its headers say, where no proxy is trusted', async () => {
    const edge = await Edge.open();
    for (let n = 0; n < BOUND; n++) await edge.post(moved('evt_x'), { ...wrong, ...from(`198.51.100.${n % 250}`) });

    expect((await edge.post(moved('evt_x'), { ...wrong, ...from('203.0.113.9') })).status).toBe(429);
    expect(edge.rejections[0]?.remote).toBe('127.0.0.1');
  });

  it('is the one that the last trusted proxy was called from', async () => {
    const edge = await Edge.open({ trustedProxies: 2 });
    const through = (client: string) => from(`10.9.9.9, ${client}, 10.0.0.2`);
    await refusedTo(edge, BOUND, { ...wrong, ...through('198.51.100.1') });

    expect(await refusedTo(edge, 1, { ...wrong, ...through('198.51.100.1') })).toEqual([429]);
    expect(await refusedTo(edge, 1, { ...wrong, ...through('198.51.100.2') })).toEqual([401]);
    expect(edge.rejections.at(-1)?.remote).toBe('198.51.100.2');
  });

  it('of IPv6 counts by its first 64 bits: one machine has all the others', async () => {
    const edge = await Edge.open({ trustedProxies: 1 });
    for (let n = 1; n <= BOUND; n++)
      await edge.post(moved('evt_x'), { ...wrong, ...from(`2001:db8::${n.toString(16)}`) });

    expect(await refusedTo(edge, 1, { ...wrong, ...from('2001:db8::ffff') })).toEqual([429]);
    expect(await refusedTo(edge, 1, { ...wrong, ...from('2001:db8:0:1::1') })).toEqual([401]);
  });
});
