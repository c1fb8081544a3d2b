import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Allowance } from '../../src/throttle/allowance.js';
import { networkOf } from '../../src/throttle/network.js';

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

describe('an allowance', () => {
  it('lets so many through in a window, and says how long the next one waits', async () => {
    const allowance = new Allowance({ times: 3, seconds: 60 });

    expect([await allowance.take('a'), await allowance.take('a'), await allowance.take('a')]).toEqual([0, 0, 0]);
    vi.advanceTimersByTime(20_500);
    expect(await allowance.take('a')).toBe(40);
    expect(await allowance.take('b')).toBe(0);
  });

  it('begins anew when the window has ended, however often it was asked meanwhile', async () => {
    const allowance = new Allowance({ times: 1, seconds: 60 });
    for (let n = 0; n < 100; n++) await allowance.take('a');

    vi.advanceTimersByTime(59_999);
    expect(await allowance.take('a')).toBe(1);
    vi.advanceTimersByTime(1);
    expect(await allowance.take('a')).toBe(0);
  });

  it('can be looked at without being used', async () => {
    const allowance = new Allowance({ times: 2, seconds: 60 });
    await allowance.take('a');
    expect([await allowance.wait('a'), await allowance.wait('a'), await allowance.wait('b')]).toEqual([0, 0, 0]);

    await allowance.take('a');
    expect(await allowance.wait('a')).toBe(60);
    vi.advanceTimersByTime(60_000);
    expect(await allowance.wait('a')).toBe(0);
  });

  it('forgets keys with their windows, so that a scan from many addresses leaves nothing', async () => {
    const allowance = new Allowance({ times: 2, seconds: 60 });
    for (let n = 0; n < 1_000; n++) await allowance.take(`192.0.2.${n}`);

    expect(vi.getTimerCount()).toBe(1_000);
    vi.advanceTimersByTime(60_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a network', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
    ['::1', '0:0:0:0::/64'],
    ['not an address', 'not an address'],
    [undefined, 'unknown'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  it('of whatever a proxy writes is no longer than an address', () => {
    expect(networkOf('x'.repeat(10_000))).toHaveLength(64);
  });
});
