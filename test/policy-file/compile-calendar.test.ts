import { describe, expect, it } from 'vitest';
import { formatCivilDay, parseCivilDay } from '../../src/domain/time/civil-date.js';
import { addDuration, isOpen, openMs } from '../../src/domain/time/working-time.js';
import { compileCalendar, compiledYears } from '../../src/policy-file/compile-calendar.js';
import { holidayDays } from '../../src/policy-file/holidays.js';
import { readHours } from '../../src/policy-file/hours.js';
import { zoneOffsets } from '../../src/policy-file/zone-offsets.js';
import { NOW } from './policies.js';

const OFFICE = { name: 'office', zone: 'Europe/Berlin', hours: { 'mon-fri': '09:00-17:00' }, closed: [] };
const at = (text: string): number => Date.parse(`${text}Z`);

describe('a compiled calendar', () => {
  it('counts from the next opening: Friday 18:00 plus one working day is Tuesday 09:00', () => {
    const office = compileCalendar(OFFICE, NOW);
    const due = addDuration(office, at('2026-11-27T17:00'), { amount: 1, unit: 'working_days' });
    expect(new Date(due).toISOString()).toBe('2026-12-01T08:00:00.000Z');
  });

  it('is closed on public holidays of the region and on closed dates', () => {
    const holidays = { country: 'DE', region: 'BE', types: ['public' as const] };
    const office = compileCalendar({ ...OFFICE, holidays, closed: ['2026-12-24'] }, NOW);
    // Women's Day is a holiday in Berlin and not in Bavaria; in 2027 it is a Monday.
    expect(isOpen(office, at('2027-03-08T10:00'))).toBe(false);
    expect(isOpen(office, at('2026-12-24T10:00'))).toBe(false);
    expect(isOpen(office, at('2026-12-23T10:00'))).toBe(true);
    const bavaria = compileCalendar({ ...OFFICE, holidays: { ...holidays, region: 'BY' } }, NOW);
    expect(isOpen(bavaria, at('2027-03-08T10:00'))).toBe(true);
    expect([...office.closed].sort((a, b) => a - b)).toEqual(office.closed);
  });

  it('knows holidays and clock changes from last year to four years ahead', () => {
    expect(compiledYears(NOW)).toEqual([2025, 2026, 2027, 2028, 2029, 2030]);
    const office = compileCalendar({ ...OFFICE, holidays: { country: 'DE', types: ['public'] } }, NOW);
    const years = new Set(office.closed.map((day) => formatCivilDay(day).slice(0, 4)));
    expect([...years]).toEqual(['2025', '2026', '2027', '2028', '2029', '2030']);
    expect(office.offsets.some(({ from }) => from > at('2030-10-01T00:00'))).toBe(true);
    expect(office.offsets[0]?.from).toBeLessThan(at('2025-01-01T00:00'));
  });

  it('is plain JSON of a few hundred bytes for a year', () => {
    const office = compileCalendar({ ...OFFICE, holidays: { country: 'DE', types: ['public'] } }, NOW);
    expect(JSON.parse(JSON.stringify(office))).toEqual(office);
    expect(JSON.stringify(office).length).toBeLessThan(2_000);
  });
});

describe('opening hours', () => {
  it('run past midnight into the next day, and over the end of the week', () => {
    const { week, problems } = readHours({ fri: '22:00-06:00', sun: '20:00-02:00', mon: '01:00-03:00, 23:00-24:00' });
    expect(problems).toEqual([]);
    expect(week).toEqual([
      [
        [0, 180],
        [1380, 1440],
      ],
      [],
      [],
      [],
      [[1320, 1440]],
      [[0, 360]],
      [[1200, 1440]],
    ]);
  });

  it('take ranges over the weekend and lists of days, and join spans that touch', () => {
    const { week } = readHours({ 'sat-mon': '09:00-12:00, 12:00-13:00', 'tue, thu': '9:00-10:00' });
    expect(week.map((day) => day.length)).toEqual([1, 1, 0, 1, 0, 1, 1]);
    expect(week[0]).toEqual([[540, 780]]);
  });
});

describe('holidays', () => {
  const days = (country: string, types: readonly ('public' | 'bank' | 'observance')[], region?: string) =>
    holidayDays({ country, region, types }, [2026]).map(formatCivilDay);

  it('are the public ones alone unless more are asked for', () => {
    expect(days('DE', ['public'])).not.toContain('2026-12-24');
    expect(days('DE', ['public'])).toContain('2026-12-25');
    expect(days('GB', ['public'], 'ENG').length).toBeLessThan(
      days('GB', ['public', 'bank', 'observance'], 'ENG').length,
    );
  });

  it('of several days close each of them, and one that begins at noon closes none', () => {
    expect(days('KR', ['public'])).toEqual(expect.arrayContaining(['2026-09-24', '2026-09-25', '2026-09-26']));
    expect(days('IS', ['public'])).not.toContain('2026-12-24');
  });

  it('are the same whatever the zone of the machine', () => {
    const before = process.env.TZ;
    try {
      const inZone = ['Pacific/Kiritimati', 'America/Los_Angeles'].map((zone) => {
        process.env.TZ = zone;
        return [days('US', ['public']), days('DE', ['public']), days('IL', ['public'])];
      });
      expect(inZone[0]).toEqual(inZone[1]);
    } finally {
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    }
  });
});

describe('zone offsets', () => {
  it('change at the minute that the zone changes', () => {
    const changes = zoneOffsets('Australia/Lord_Howe', at('2026-01-01T00:00'), at('2026-12-31T00:00'));
    expect(changes.map(({ from, minutes }) => [new Date(from).toISOString().slice(0, 16), minutes])).toEqual([
      ['2026-01-01T00:00', 660],
      ['2026-04-04T15:00', 630],
      ['2026-10-03T15:30', 660],
    ]);
  });

  it('of a zone without changes are one', () => {
    expect(zoneOffsets('Asia/Kathmandu', 0 + at('2026-01-01T00:00'), at('2030-01-01T00:00'))).toHaveLength(1);
    const night = compileCalendar({ ...OFFICE, zone: 'Asia/Kathmandu' }, NOW);
    const monday = (parseCivilDay('2026-11-23') ?? 0) * 86_400_000;
    expect(openMs(night, monday, monday + 86_400_000)).toBe(8 * 3_600_000);
  });
});
