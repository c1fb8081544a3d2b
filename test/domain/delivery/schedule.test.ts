import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextTry, RETRY_SCHEDULE } from '../../../src/domain/delivery/schedule.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/domain/time/duration.js';

const FIRST_AT = 1_764_000_000_000;
const MOST_TRIES = 8;

/** The instants of all tries of a delivery that never succeeds, each made `lateMs` after it was due. */
function tries(lateMs: (n: number) => number, random = 0, retryAfterMs = 0): number[] {
  const made = [FIRST_AT];
  for (;;) {
    const next = nextTry({
      tries: made.length,
      firstAt: FIRST_AT,
      triedAt: made.at(-1) ?? 0,
      random,
      retryAfterMs,
    });
    if (next === null) return made;
    made.push(next + lateMs(made.length));
    if (made.length > 100) throw new Error('it never ends');
  }
}

const fromTheFirst = (made: readonly number[]): number[] => made.map((at) => at - FIRST_AT);
const onTime = () => 0;

const within = fc.integer({ min: 0, max: 30 * HOUR_MS });
const failed = fc.record({
  tries: fc.integer({ min: 1, max: MOST_TRIES }),
  firstAt: fc.constant(FIRST_AT),
  triedAt: within.map((ms) => FIRST_AT + ms),
  retryAfterMs: fc.option(within, { nil: undefined }),
  random: fc.double({ min: 0, max: 1, noNaN: true }),
});

describe('the schedule of a delivery', () => {
  it('has eight tries, each wait counted from the try before, and the last a day after the first', () => {
    expect(fromTheFirst(tries(onTime))).toEqual([
      0,
      5_000,
      5 * MINUTE_MS + 5_000,
      35 * MINUTE_MS + 5_000,
      2 * HOUR_MS + 35 * MINUTE_MS + 5_000,
      7 * HOUR_MS + 35 * MINUTE_MS + 5_000,
      17 * HOUR_MS + 35 * MINUTE_MS + 5_000,
      DAY_MS,
    ]);
  });

  it('spreads tries 3 to 7 by at most a twentieth of their wait, and neither the second nor the last', () => {
    const made = fromTheFirst(tries(onTime, 1));
    const waits = made.map((at, n) => at - (made[n - 1] ?? 0));

    expect(waits.slice(0, 2)).toEqual([0, 5_000]);
    for (const [n, wait] of waits.slice(2, 7).entries()) expect(wait).toBe((RETRY_SCHEDULE.waitsMs[n + 2] ?? 0) * 1.05);
    expect(made.at(-1)).toBe(DAY_MS);
  });

  it('counts the next wait from a try that came late, and still ends on the day', () => {
    const made = fromTheFirst(tries((n) => (n === 1 ? HOUR_MS : 0)));

    expect(made.slice(0, 3)).toEqual([0, HOUR_MS + 5_000, HOUR_MS + 5_000 + 5 * MINUTE_MS]);
    expect(made.at(-1)).toBe(DAY_MS);
  });

  it('takes a try that came after the day for the last one', () => {
    expect(tries((n) => (n === 2 ? 2 * DAY_MS : 0))).toHaveLength(3);
  });

  it('leaves a receiver alone as long as it asks', () => {
    const made = fromTheFirst(tries(onTime, 0, 40 * MINUTE_MS));

    expect(made.slice(0, 4)).toEqual([0, 40 * MINUTE_MS, 80 * MINUTE_MS, 120 * MINUTE_MS]);
    expect(made.at(-1)).toBe(DAY_MS);
  });

  it('never tries before its wait is over, never after the day, and never before it was asked to', () => {
    fc.assert(
      fc.property(failed, (tried) => {
        const next = nextTry(tried);
        const lastAt = FIRST_AT + DAY_MS;
        if (next === null) {
          expect(tried.tries === MOST_TRIES || tried.triedAt >= lastAt).toBe(true);
          return;
        }
        expect(next).toBeGreaterThan(tried.triedAt);
        expect(next).toBeLessThanOrEqual(lastAt);
        const waitMs = RETRY_SCHEDULE.waitsMs[tried.tries];
        const earliest = tried.triedAt + Math.max(waitMs ?? Number.POSITIVE_INFINITY, tried.retryAfterMs ?? 0);
        expect(next).toBeGreaterThanOrEqual(Math.min(lastAt, earliest));
      }),
    );
  });

  it('is never brought forward by a Retry-After, and the more it asks the later', () => {
    fc.assert(
      fc.property(failed, within, (tried, more) => {
        const without = nextTry({ ...tried, retryAfterMs: undefined });
        const asked = nextTry(tried);
        const askedMore = nextTry({ ...tried, retryAfterMs: (tried.retryAfterMs ?? 0) + more });

        expect(asked === null).toBe(without === null);
        expect(asked ?? 0).toBeGreaterThanOrEqual(without ?? 0);
        expect(askedMore ?? 0).toBeGreaterThanOrEqual(asked ?? 0);
      }),
    );
  });

  it('ends however late its tries come, after eight at the most, none due beyond the day', () => {
    const late = fc.array(within, { minLength: MOST_TRIES, maxLength: MOST_TRIES });
    fc.assert(
      fc.property(late, fc.double({ min: 0, max: 1, noNaN: true }), within, (lates, random, retryAfterMs) => {
        const made = tries((n) => lates[n - 1] ?? 0, random, retryAfterMs);

        expect(made.length).toBeLessThanOrEqual(MOST_TRIES);
        for (const at of made.slice(0, -1)) expect(at).toBeLessThan(FIRST_AT + DAY_MS);
      }),
    );
  });
});
