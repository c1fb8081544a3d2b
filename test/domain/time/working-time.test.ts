import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS, parseDuration } from '../../../src/domain/time/duration.js';
import { addDuration, addOpenMs, isOpen, nextOpening, openMs } from '../../../src/domain/time/working-time.js';
import { ALWAYS, anyCalendar, anyInstant, BERLIN_OFFICE, calendar, NEVER, utc } from './calendars.js';

const RUNS = { numRuns: 1_000 };
const smallMs = fc.integer({ min: 0, max: 90 * DAY_MS });

function after(cal: typeof BERLIN_OFFICE, from: string, duration: string): string {
  const parsed = parseDuration(duration);
  if (!parsed) throw new Error(duration);
  return new Date(addDuration(cal, utc(from), parsed)).toISOString().slice(0, 16);
}

describe('working time by example (Berlin, 09:00 to 17:00)', () => {
  it('counts from the next opening where it starts in closed time', () => {
    expect(after(BERLIN_OFFICE, '2026-11-27T17:00', '1 working day')).toBe('2026-12-01T08:00');
    expect(after(BERLIN_OFFICE, '2026-11-27T17:00', '1 working hour')).toBe('2026-11-30T09:00');
    expect(after(BERLIN_OFFICE, '2026-11-27T17:00', '0 working hours')).toBe('2026-11-30T08:00');
  });

  it('keeps the time of day over working days and over a change to summer time', () => {
    expect(after(BERLIN_OFFICE, '2026-11-24T10:20', '3 working days')).toBe('2026-11-27T10:20');
    expect(after(BERLIN_OFFICE, '2026-03-27T10:20', '1 working day')).toBe('2026-03-30T09:20');
  });

  it('ends a sum that fills a day at its closing', () => {
    expect(after(BERLIN_OFFICE, '2026-11-24T08:00', '8 working hours')).toBe('2026-11-24T16:00');
    expect(after(BERLIN_OFFICE, '2026-11-24T08:00', '8.5 working hours')).toBe('2026-11-25T08:30');
  });

  it('lets wall durations run through nights', () => {
    expect(after(BERLIN_OFFICE, '2026-11-27T17:00', '2 days')).toBe('2026-11-29T17:00');
    expect(after(BERLIN_OFFICE, '2026-11-27T17:00', '90 minutes')).toBe('2026-11-27T18:30');
  });

  it('skips closed dates', () => {
    const closed = { ...BERLIN_OFFICE, closed: [utc('2026-12-24T00:00') / DAY_MS, utc('2026-12-25T00:00') / DAY_MS] };
    expect(after(closed, '2026-12-23T10:00', '1 working day')).toBe('2026-12-28T10:00');
    expect(openMs(closed, utc('2026-12-23T10:00'), utc('2026-12-28T10:00'))).toBe(8 * HOUR_MS);
  });

  it('clamps into the hours of the day it lands on', () => {
    const uneven = calendar('UTC', [
      [[540, 1020]],
      [
        [600, 720],
        [780, 900],
      ],
      [[540, 1020]],
      [],
      [],
      [],
      [],
    ]);
    expect(after(uneven, '2026-11-23T09:15', '1 working day')).toBe('2026-11-24T10:00');
    expect(after(uneven, '2026-11-23T12:30', '1 working day')).toBe('2026-11-24T13:00');
    expect(after(uneven, '2026-11-23T16:00', '1 working day')).toBe('2026-11-24T15:00');
  });

  it('reads a time that the clocks skip as the end of the gap and a doubled one as the first', () => {
    const night = calendar(
      'Europe/Berlin',
      Array.from({ length: 7 }, () => [[150, 210] as const]),
    );
    expect(new Date(nextOpening(night, utc('2026-03-28T12:00'))).toISOString()).toBe('2026-03-29T01:00:00.000Z');
    expect(new Date(nextOpening(night, utc('2026-10-24T12:00'))).toISOString()).toBe('2026-10-25T00:30:00.000Z');
    expect(openMs(night, utc('2026-03-28T12:00'), utc('2026-03-29T12:00'))).toBe(30 * MINUTE_MS);
    expect(openMs(night, utc('2026-10-24T12:00'), utc('2026-10-25T12:00'))).toBe(120 * MINUTE_MS);
  });

  it('does not count a day whose hours the clocks skip', () => {
    const night = calendar(
      'Europe/Berlin',
      Array.from({ length: 7 }, () => [[120, 165] as const]),
    );
    expect(after(night, '2026-03-28T01:30', '1 working day')).toBe('2026-03-30T00:30');
    expect(new Date(nextOpening(night, utc('2026-03-28T12:00'))).toISOString()).toBe('2026-03-30T00:00:00.000Z');
  });

  it('goes on with the new day where clocks are turned back past midnight', () => {
    // The clocks go from 00:30 of day 20 480 back to 23:30 of the day before; a stretch of days begins there.
    const midnight = 20_480 * DAY_MS;
    const offsets = [
      { from: 0, minutes: 0 },
      { from: midnight + 30 * MINUTE_MS, minutes: -60 },
    ];
    const odd = { ...ALWAYS, offsets, closed: [20_479] };
    expect(isOpen(odd, midnight - 1)).toBe(false);
    for (const minutes of [0, 29, 30, 60, 90, 120]) {
      expect(isOpen(odd, midnight + minutes * MINUTE_MS), String(minutes)).toBe(true);
      expect(openMs(odd, midnight - DAY_MS, midnight + minutes * MINUTE_MS)).toBe(minutes * MINUTE_MS);
      expect(addOpenMs(odd, midnight - DAY_MS, (minutes + 1) * MINUTE_MS)).toBe(midnight + (minutes + 1) * MINUTE_MS);
    }
  });

  it('counts 23 and 25 hours on the days the clocks change', () => {
    const always = { ...ALWAYS, offsets: BERLIN_OFFICE.offsets };
    expect(after(always, '2026-03-28T12:00', '1 working day')).toBe('2026-03-29T11:00');
    expect(after(always, '2026-10-24T12:00', '1 working day')).toBe('2026-10-25T13:00');
  });

  it('ends the search in a calendar that never opens', () => {
    const from = utc('2026-01-01T00:00');
    for (const duration of ['1 working day', '1 working hour', '3000 working days']) {
      const due = addDuration(NEVER, from, parseDuration(duration) ?? { amount: 1, unit: 'days' });
      expect(due - from).toBeGreaterThan(3 * 365 * DAY_MS);
      expect(Number.isFinite(due)).toBe(true);
    }
    expect(openMs(NEVER, from, from + 1_000 * DAY_MS)).toBe(0);
  });

  it('needs microseconds for months, so that a decision may ask often', () => {
    const from = utc('2026-01-01T00:00');
    openMs(BERLIN_OFFICE, from, from + 400 * DAY_MS);
    const begun = performance.now();
    for (let i = 0; i < 20_000; i += 1) openMs(BERLIN_OFFICE, from + i, from + 180 * DAY_MS);
    expect((performance.now() - begun) / 20_000).toBeLessThan(0.02);
  });
});

describe('working time by property', () => {
  it('is additive', () => {
    const three = fc.tuple(anyInstant, smallMs, smallMs);
    fc.assert(
      fc.property(anyCalendar, three, (cal, [a, b, c]) => {
        expect(openMs(cal, a, a + b) + openMs(cal, a + b, a + b + c)).toBe(openMs(cal, a, a + b + c));
      }),
      RUNS,
    );
  });

  it('never counts more than passed, and grows with the span', () => {
    fc.assert(
      fc.property(anyCalendar, anyInstant, smallMs, smallMs, (cal, at, short, more) => {
        const sum = openMs(cal, at, at + short);
        expect(sum).toBeGreaterThanOrEqual(0);
        expect(sum).toBeLessThanOrEqual(short);
        expect(openMs(cal, at, at + short + more)).toBeGreaterThanOrEqual(sum);
      }),
      RUNS,
    );
  });

  it('adds as much as it then counts, and not a millisecond later than needed', () => {
    fc.assert(
      fc.property(anyCalendar, anyInstant, fc.integer({ min: 1, max: 30 * DAY_MS }), (cal, at, ms) => {
        const end = addOpenMs(cal, at, ms);
        expect(openMs(cal, at, end)).toBe(ms);
        expect(openMs(cal, at, end - 1)).toBe(ms - 1);
      }),
      RUNS,
    );
  });

  it('counts nothing in closed time and everything in open time', () => {
    fc.assert(
      fc.property(anyCalendar, anyInstant, (cal, at) => {
        const opening = nextOpening(cal, at);
        expect(openMs(cal, at, opening)).toBe(0);
        expect(isOpen(cal, opening)).toBe(true);
        expect(openMs(cal, opening, opening + 1)).toBe(1);
        expect(openMs(cal, at, at + 1)).toBe(isOpen(cal, at) ? 1 : 0);
      }),
      RUNS,
    );
  });

  it('never ends a later start earlier, in any unit, in any calendar', () => {
    const duration = fc.record({
      amount: fc.integer({ min: 0, max: 40 }),
      unit: fc.constantFrom('working_days', 'working_hours', 'days', 'hours', 'minutes' as const),
    });
    fc.assert(
      fc.property(
        anyCalendar,
        anyInstant,
        fc.integer({ min: 0, max: 3 * DAY_MS }),
        duration,
        (cal, at, later, wanted) => {
          const first = addDuration(cal, at, wanted);
          expect(first).toBeGreaterThanOrEqual(at);
          expect(addDuration(cal, at + later, wanted)).toBeGreaterThanOrEqual(first);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('never ends a later start earlier around a change of the clocks', () => {
    const near = anyCalendar.chain((cal) => {
      const change = fc.constantFrom(...cal.offsets.slice(1), { from: utc('2026-06-01T00:00') });
      const shift = fc.integer({ min: -300, max: 300 });
      return fc
        .tuple(fc.constant(cal), change, shift)
        .map(([, { from }, minutes]) => [cal, from + minutes * MINUTE_MS] as const);
    });
    const days = fc.integer({ min: 0, max: 3 }).map((amount) => ({ amount, unit: 'working_days' as const }));
    fc.assert(
      fc.property(near, fc.integer({ min: 0, max: 120 }), days, ([cal, at], minutes, wanted) => {
        const first = addDuration(cal, at, wanted);
        expect(first).toBeGreaterThanOrEqual(at);
        expect(addDuration(cal, at + minutes * MINUTE_MS, wanted)).toBeGreaterThanOrEqual(first);
      }),
      { numRuns: 5_000 },
    );
  });

  it('grows with the amount', () => {
    fc.assert(
      fc.property(
        anyCalendar,
        anyInstant,
        fc.nat(30),
        fc.constantFrom('working_days', 'working_hours' as const),
        (cal, at, amount, unit) => {
          const less = addDuration(cal, at, { amount, unit });
          expect(addDuration(cal, at, { amount: amount + 1, unit })).toBeGreaterThan(less);
        },
      ),
      RUNS,
    );
  });
});
