import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClockRun, dueAt, type Stop, used } from '../../../src/domain/time/clock-run.js';
import { DAY_MS, type Duration, HOUR_MS, MINUTE_MS, parseDuration } from '../../../src/domain/time/duration.js';
import { addDuration, openMs } from '../../../src/domain/time/working-time.js';
import { ALWAYS, anyCalendar, anyInstant, BERLIN_OFFICE, UTC_OFFICE, utc } from './calendars.js';

const RUNS = { numRuns: 1_000 };

function duration(text: string): Duration {
  const parsed = parseDuration(text);
  if (!parsed) throw new Error(text);
  return parsed;
}

function run(from: string, text: string, ...stops: [string, string | null][]): ClockRun {
  return {
    startAt: utc(from),
    duration: duration(text),
    stops: stops.map(([begin, end]) => ({ from: utc(begin), to: end === null ? null : utc(end) })),
    calendars: [{ from: 0, calendar: UTC_OFFICE }],
  };
}

function due(wanted: ClockRun): string | null {
  const at = dueAt(wanted);
  return at === null ? null : new Date(at).toISOString().slice(0, 16);
}

describe('a running clock by example (UTC, 09:00 to 17:00; 2026-11-23 is a Monday)', () => {
  it('is due a working duration after its start', () => {
    expect(due(run('2026-11-23T10:00', '2 working days'))).toBe('2026-11-25T10:00');
  });

  it('goes on after a hold with the open time that remained', () => {
    expect(due(run('2026-11-23T10:00', '2 working days', ['2026-11-24T10:00', '2026-11-26T12:00']))).toBe(
      '2026-11-27T12:00',
    );
    expect(due(run('2026-11-23T10:00', '90 minutes', ['2026-11-23T11:00', '2026-11-23T20:00']))).toBe(
      '2026-11-23T20:30',
    );
  });

  it('keeps its due instant over a hold in closed time', () => {
    expect(due(run('2026-11-23T09:00', '2 working days', ['2026-11-23T20:00', '2026-11-23T22:00']))).toBe(
      '2026-11-25T09:00',
    );
    expect(due(run('2026-11-23T09:00', '8 working hours', ['2026-11-21T20:00', '2026-11-22T22:00']))).toBe(
      '2026-11-23T17:00',
    );
  });

  it('stays an opening when it was due at one', () => {
    expect(due(run('2026-11-23T09:00', '2 working days', ['2026-11-23T10:00', '2026-11-24T10:00']))).toBe(
      '2026-11-26T09:00',
    );
  });

  it('begins to count when the stop that holds its start ends', () => {
    expect(due(run('2026-11-23T10:00', '1 working day', ['2026-11-20T10:00', '2026-11-24T12:00']))).toBe(
      '2026-11-25T12:00',
    );
    expect(due(run('2026-11-23T10:00', '1 working day', ['2026-11-23T10:00', '2026-11-24T12:00']))).toBe(
      '2026-11-25T12:00',
    );
  });

  it('counts whole working days from there, however the hours differ', () => {
    const short = { ...UTC_OFFICE, week: [...UTC_OFFICE.week.slice(0, 5), [[600, 720] as const], []] };
    for (const begin of ['2026-11-27T09:00', '2026-11-27T08:00']) {
      const held = run('2026-11-27T09:00', '1 working day', [begin, '2026-11-28T11:00']);
      expect(due({ ...held, calendars: [{ from: 0, calendar: short }] }), begin).toBe('2026-11-30T11:00');
    }
  });

  it('is frozen by a stop without an end, unless it was due before or at its beginning', () => {
    expect(due(run('2026-11-23T10:00', '1 working day', ['2026-11-24T09:59', null]))).toBeNull();
    expect(due(run('2026-11-23T10:00', '1 working day', ['2026-11-24T10:00', null]))).toBe('2026-11-24T10:00');
    expect(due(run('2026-11-23T10:00', '0 minutes', ['2026-11-23T10:00', null]))).toBe('2026-11-23T10:00');
    expect(due(run('2026-11-23T10:00', '0 minutes', ['2026-11-23T09:00', null]))).toBeNull();
  });

  it('counts overlapping and touching stops once', () => {
    const pieces: [string, string][] = [
      ['2026-11-24T12:00', '2026-11-24T13:00'],
      ['2026-11-24T10:00', '2026-11-24T12:30'],
      ['2026-11-24T13:00', '2026-11-24T14:00'],
    ];
    const whole = run('2026-11-23T10:00', '9 working hours', ['2026-11-24T10:00', '2026-11-24T14:00']);
    expect(due(run('2026-11-23T10:00', '9 working hours', ...pieces))).toBe(due(whole));
    expect(due(whole)).toBe('2026-11-24T15:00');
  });

  it('counts with the old calendar before a change and goes on with the new one', () => {
    const base = run('2026-11-23T10:00', '2 working days');
    const changed = { ...base, calendars: [...base.calendars, { from: utc('2026-11-24T10:00'), calendar: ALWAYS }] };
    expect(due(changed)).toBe('2026-11-24T18:00');
    expect(used(changed, utc('2026-11-24T12:00'))).toBe(10 * HOUR_MS);
  });

  it('uses its first calendar before that one begins as well', () => {
    const base = run('2026-11-23T10:00', '2 working days');
    const late = { ...base, calendars: [{ from: utc('2026-11-24T00:00'), calendar: UTC_OFFICE }] };
    expect(due(late)).toBe(due(base));
  });

  it('tells the open time that it has counted, without the stops', () => {
    const held = run('2026-11-23T10:00', '5 working days', ['2026-11-23T12:00', '2026-11-24T12:00']);
    expect(used(held, utc('2026-11-23T09:00'))).toBe(0);
    expect(used(held, utc('2026-11-23T11:30'))).toBe(90 * MINUTE_MS);
    expect(used(held, utc('2026-11-24T11:00'))).toBe(2 * HOUR_MS);
    expect(used(held, utc('2026-11-24T20:00'))).toBe(7 * HOUR_MS);
    expect(used({ ...held, duration: duration('9 days') }, utc('2026-11-24T20:00'))).toBe(10 * HOUR_MS);
  });
});

const span = fc.integer({ min: 0, max: 20 * DAY_MS });
const offset = fc.integer({ min: -5 * DAY_MS, max: 40 * DAY_MS });
const stops = fc.array(fc.tuple(offset, span), { maxLength: 5 });
const counted: fc.Arbitrary<Duration> = fc.record({
  amount: fc.integer({ min: 0, max: 60 }),
  unit: fc.constantFrom('working_hours', 'hours', 'minutes' as const),
});
const anyDuration: fc.Arbitrary<Duration> = fc.oneof(
  counted,
  fc.integer({ min: 0, max: 20 }).map((amount): Duration => ({ amount, unit: 'working_days' })),
);
const calendars = fc.array(fc.tuple(offset, anyCalendar), { minLength: 1, maxLength: 3 });

function runOf(
  startAt: number,
  wanted: Duration,
  at: [number, number][],
  cals: [number, ClockRun['calendars'][number]['calendar']][],
): ClockRun {
  return {
    startAt,
    duration: wanted,
    stops: at.map(([from, length]): Stop => ({ from: startAt + from, to: startAt + from + length })),
    calendars: cals.map(([from, cal]) => ({ from: startAt + from, calendar: cal })).sort((a, b) => a.from - b.from),
  };
}
const anyRun = fc.tuple(anyInstant, anyDuration, stops, calendars).map((parts) => runOf(...parts));
const countedRun = fc.tuple(anyInstant, counted, stops, calendars).map((parts) => runOf(...parts));

describe('a running clock by property', () => {
  it('without stops or changes is plain arithmetic', () => {
    fc.assert(
      fc.property(anyInstant, anyDuration, anyCalendar, (startAt, wanted, cal) => {
        const plain = { startAt, duration: wanted, stops: [], calendars: [{ from: startAt, calendar: cal }] };
        expect(dueAt(plain)).toBe(addDuration(cal, startAt, wanted));
      }),
      RUNS,
    );
  });

  it('is not changed by stops of no length, by order, or by adopting the same calendar again', () => {
    fc.assert(
      fc.property(anyRun, offset, (wanted, at) => {
        const instant = wanted.startAt + at;
        const again = wanted.calendars.findLast((entry) => entry.from <= instant) ?? wanted.calendars[0];
        const same = {
          ...wanted,
          stops: [{ from: instant, to: instant }, ...wanted.stops.toReversed()],
          calendars: [...wanted.calendars, { from: instant, calendar: again?.calendar ?? BERLIN_OFFICE }].sort(
            (a, b) => a.from - b.from,
          ),
        };
        expect(dueAt(same)).toBe(dueAt(wanted));
        expect(used(same, instant + DAY_MS)).toBe(used(wanted, instant + DAY_MS));
      }),
      RUNS,
    );
  });

  it('is never due earlier for a stop after its start, nor inside a stop', () => {
    fc.assert(
      fc.property(anyRun, fc.integer({ min: 1, max: 40 * DAY_MS }), span, (wanted, from, length) => {
        const begins = wanted.startAt + from;
        const stop = { from: begins, to: begins + length };
        const before = dueAt(wanted) as number;
        // A start that is itself held moves on to where it is released; what lies before that is no later stop.
        fc.pre(!wanted.stops.some((held) => held.from <= wanted.startAt && wanted.startAt < (held.to ?? 0)));
        const after = dueAt({ ...wanted, stops: [...wanted.stops, stop] }) as number;
        expect(after).toBeGreaterThanOrEqual(before);
        expect(after > stop.from && after < stop.to).toBe(false);
      }),
      RUNS,
    );
  });

  it('is never due earlier for a later start', () => {
    fc.assert(
      fc.property(countedRun, span, (wanted, later) => {
        expect(dueAt({ ...wanted, startAt: wanted.startAt + later })).toBeGreaterThanOrEqual(dueAt(wanted) as number);
      }),
      RUNS,
    );
  });

  it('is never due earlier for a later start in working days either, where working days are alike', () => {
    const days = fc.integer({ min: 0, max: 20 }).map((amount): Duration => ({ amount, unit: 'working_days' }));
    const alike = fc
      .tuple(anyInstant, days, stops)
      .map(([at, wanted, held]) => runOf(at, wanted, held, [[0, UTC_OFFICE]]));
    fc.assert(
      fc.property(alike, span, (wanted, later) => {
        expect(dueAt({ ...wanted, startAt: wanted.startAt + later })).toBeGreaterThanOrEqual(dueAt(wanted) as number);
      }),
      RUNS,
    );
  });

  it('has counted exactly its duration when it is due', () => {
    fc.assert(
      fc.property(countedRun, (wanted) => {
        const unit = wanted.duration.unit === 'minutes' ? MINUTE_MS : HOUR_MS;
        expect(used(wanted, dueAt(wanted) as number)).toBe(wanted.duration.amount * unit);
      }),
      RUNS,
    );
  });

  it('counts up and never more than passes', () => {
    fc.assert(
      fc.property(anyRun, offset, span, (wanted, at, more) => {
        const now = wanted.startAt + at;
        const counted = used(wanted, now + more) - used(wanted, now);
        expect(counted).toBeGreaterThanOrEqual(0);
        expect(counted).toBeLessThanOrEqual(more);
      }),
      RUNS,
    );
  });

  it('of one calendar counts what that calendar counts', () => {
    fc.assert(
      fc.property(anyInstant, anyCalendar, span, (startAt, cal, length) => {
        const plain = {
          startAt,
          duration: duration('9 working days'),
          stops: [],
          calendars: [{ from: 0, calendar: cal }],
        };
        expect(used(plain, startAt + length)).toBe(openMs(cal, startAt, startAt + length));
      }),
      RUNS,
    );
  });
});
