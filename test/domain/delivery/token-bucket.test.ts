import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenBucket } from '../../../src/domain/delivery/token-bucket.js';

/** Everything that can be had from `from` on, asked for as soon as the bucket says. */
function taken(bucket: TokenBucket, from: number, ms: number): number[] {
  const at: number[] = [];
  for (let now = from; now < from + ms; ) {
    if (bucket.take(now)) at.push(now);
    else now += Math.max(1, bucket.waitMs(now));
  }
  return at;
}

function limited(perSecond: number): TokenBucket {
  const bucket = new TokenBucket();
  bucket.limit(perSecond);
  return bucket;
}

describe('the rate limit of an endpoint', () => {
  it('lets everything through where there is none', () => {
    const bucket = new TokenBucket();

    expect([bucket.take(0), bucket.take(0), bucket.waitMs(0)]).toEqual([true, true, 0]);
  });

  it('lets the first one through at once and no burst with it', () => {
    const bucket = limited(1000);

    expect([bucket.take(0), bucket.take(0)]).toEqual([true, false]);
  });

  it('says how long the next one has to wait', () => {
    const bucket = limited(4);
    bucket.take(0);

    expect(bucket.waitMs(0)).toBe(250);
    expect(bucket.take(249)).toBe(false);
    expect(bucket.take(250)).toBe(true);
  });

  it('gives what it says over a long time, and never more than a tenth of a second beyond it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 5_000 }), (rate, idleMs) => {
        const bucket = limited(rate);
        bucket.take(0);
        const at = taken(bucket, idleMs, 4_000);

        expect(at.length).toBeGreaterThanOrEqual(rate * 3.9 - 1);
        expect(at.length).toBeLessThanOrEqual(rate * 4.1 + 1);
      }),
      { numRuns: 50 },
    );
  });

  it('gives nothing for a clock that goes back', () => {
    const bucket = limited(2);
    bucket.take(10_000);

    expect(bucket.take(5_000)).toBe(false);
    expect(bucket.take(5_400)).toBe(false);
    expect(bucket.take(5_500)).toBe(true);
  });

  it('follows a limit that is changed', () => {
    const bucket = limited(1);
    bucket.take(0);
    bucket.limit(100);

    expect(bucket.waitMs(0)).toBe(10);
    bucket.limit(null);
    expect(bucket.take(0)).toBe(true);
  });
});
