import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SILENT } from '../../src/contracts/observer.js';
import type { Calendar } from '../../src/domain/time/calendar.js';
import { type ClockRun, dueAt } from '../../src/domain/time/clock-run.js';
import { DAY_MS, type Duration, HOUR_MS, MINUTE_MS } from '../../src/domain/time/duration.js';
import { addDuration } from '../../src/domain/time/working-time.js';
import { compileCalendar } from '../../src/policy-file/compile-calendar.js';
import { Edge, moved } from '../ingress/edge.js';
import { told } from './parts/size.js';
import { addWorkingDaysSlowly } from './parts/slow-calendar.js';

const NOON = Date.UTC(2026, 10, 2, 12);

describe('an edge whose clock is wrong (D1)', () => {
  it.each([
    ['4 min 59 s ahead', 299, 200, undefined],
    ['4 min 59 s behind', -299, 200, undefined],
    ['5 min ahead', 300, 200, undefined],
    ['5 min 1 s ahead', 301, 401, 'stale_timestamp'],
    ['5 min 1 s behind', -301, 401, 'future_timestamp'],
    ['an hour behind', -3_600, 401, 'future_timestamp'],
    ['a day ahead', 86_400, 401, 'stale_timestamp'],
    ['at a leap second, one behind', -1, 200, undefined],
  ])('%s takes what it can believe and refuses the rest by name', async (_, skewSeconds, status, code) => {
    const edge = await Edge.open();
    edge.now = () => NOON + skewSeconds * 1_000;
    const answer = await edge.post(moved('evt_1'), { at: NOON / 1_000 });
    expect([answer.status, answer.json.error?.code]).toEqual([status, code]);
  });

  it('loses nothing when it jumps back an hour: what it refused is taken when it is sent again', async () => {
    const edge = await Edge.open();
    const times = [NOON, NOON - HOUR_MS, NOON + 10_000];
    const answers = [];
    for (const [n, now] of times.entries()) {
      edge.now = () => now;
      answers.push(await edge.post(moved('evt_1'), { id: 'msg_1', at: NOON / 1_000 + n * 5 }));
    }
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 200]);
    expect(answers.at(-1)?.json.duplicate).toBe(true);
    expect(edge.inbox.arrivals.map(({ receivedAt }) => receivedAt)).toEqual([NOON]);
  });

  it('tells by how much, so that an alert can go off before events are refused', async () => {
    const skews: number[] = [];
    const gauge = (metric: string, value: number): void => {
      if (metric === 'slipway_clock_skew_seconds') skews.push(value);
    };
    const edge = await Edge.open({ observer: { ...SILENT, gauge } });
    edge.now = () => NOON + 75_000;
    await edge.post(moved('evt_1'), { at: NOON / 1_000 });
    edge.now = () => NOON - 75_000;
    await edge.post(moved('evt_2'), { at: NOON / 1_000 });
    expect(skews).toEqual([75, -75]);
  });
});

/** Zones whose clocks change in spring and autumn, of both halves of the world, by an hour and by half of one. */
const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Santiago',
  'Pacific/Auckland',
] as const;
const NOW = Date.UTC(2027, 5, 1);
/** Days before a change of the clocks, a leap day, Christmas and the turn of a year. */
const BEFORE: Readonly<Record<(typeof ZONES)[number], readonly string[]>> = {
  'Europe/Berlin': ['2027-03-25', '2027-10-28', '2028-02-25', '2027-12-22'],
  'America/New_York': ['2027-03-11', '2027-11-04', '2028-02-25', '2027-12-22'],
  'Australia/Lord_Howe': ['2027-04-01', '2027-09-30', '2028-02-25', '2027-12-22'],
  'America/Santiago': ['2027-04-01', '2027-09-02', '2028-02-25', '2027-12-22'],
  'Pacific/Auckland': ['2027-04-01', '2027-09-23', '2028-02-25', '2027-12-22'],
};
const CLOSED = ['2027-03-26', '2027-12-24', '2027-12-25', '2027-12-27', '2028-01-01'];
const DAYS = [1, 2, 3, 5, 10] as const;
const MINUTES = [9 * 60, 10 * 60 + 20, 12 * 60, 14 * 60 + 45, 16 * 60 + 59] as const;

const office = (zone: string): Calendar =>
  compileCalendar({ name: 'office', zone, hours: { 'mon-fri': '09:00-17:00' }, closed: CLOSED }, NOW);

const workingDays = (amount: number): Duration => ({ amount, unit: 'working_days' });

describe('working days in five zones (D3)', () => {
  const cases = ZONES.flatMap((zone) =>
    BEFORE[zone].flatMap((date) => MINUTES.flatMap((minute) => DAYS.map((days) => ({ zone, date, minute, days })))),
  );

  it('are what Intl says, over both changes of the clocks, a leap day, holidays and the turn of the year', () => {
    const wrong = cases.flatMap(({ zone, date, minute, days }) => {
      const slow = addWorkingDaysSlowly({ zone, date, minute, days, closed: CLOSED });
      const quick = addDuration(office(zone), slow.from, workingDays(days));
      return quick === slow.due ? [] : [`${zone} ${date} ${minute} + ${days}: ${new Date(quick).toISOString()}`];
    });
    told(`D3 n = ${cases.length} cases`);
    expect(wrong).toEqual([]);
    expect(cases.length).toBeGreaterThanOrEqual(500);
  });

  it('of a customer who moves to another zone on the way are never due before the move, unless they were already', () => {
    const zone = fc.constantFrom(...ZONES);
    const start = fc.integer({ min: Date.UTC(2027, 0, 1), max: Date.UTC(2028, 2, 1) });
    const later = fc.integer({ min: MINUTE_MS, max: 20 * DAY_MS });
    fc.assert(
      fc.property(zone, zone, start, later, fc.integer({ min: 1, max: 10 }), (from, to, startAt, after, days) => {
        const run = (calendars: ClockRun['calendars']): number =>
          dueAt({ startAt, duration: workingDays(days), stops: [], calendars }) ?? Number.NaN;
        const movedAt = startAt + after;
        const stayed = run([{ from: 0, calendar: office(from) }]);
        const gone = run([
          { from: 0, calendar: office(from) },
          { from: movedAt, calendar: office(to) },
        ]);
        expect(gone).toBeGreaterThanOrEqual(Math.min(stayed, movedAt));
        if (stayed <= movedAt) expect(gone).toBe(stayed);
      }),
      { numRuns: 500 },
    );
  });
});
