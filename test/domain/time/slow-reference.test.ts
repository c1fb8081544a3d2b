import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Calendar } from '../../../src/domain/time/calendar.js';
import { civilDay, localTime } from '../../../src/domain/time/civil-date.js';
import { DAY_MS, MINUTE_MS } from '../../../src/domain/time/duration.js';
import { weekday } from '../../../src/domain/time/open-spans.js';
import { addOpenMs, isOpen, openMs } from '../../../src/domain/time/working-time.js';
import { calendarIn, utc, ZONES } from './calendars.js';

/**
 * The reference knows nothing of offsets: it walks minute by minute and asks `Intl` what the wall clock shows. A time
 * shown twice counts at its first showing, so it remembers the latest time shown so far.
 */
const WINDOWS: Record<(typeof ZONES)[number], readonly string[]> = {
  'Europe/Berlin': ['2026-03-27', '2026-10-23', '2026-06-30'],
  'America/New_York': ['2026-03-06', '2026-10-30', '2026-02-26'],
  'Australia/Lord_Howe': ['2026-04-03', '2026-10-02', '2026-12-29'],
  'America/Sao_Paulo': ['2018-02-16', '2018-11-02', '2026-01-01'],
  'Pacific/Apia': ['2021-04-02', '2020-09-25', '2026-07-01'],
  'Asia/Kathmandu': ['2026-03-27', '2026-10-23', '2026-12-30'],
};
const WINDOW_MINUTES = 6 * 24 * 60;

interface Shown {
  readonly day: number;
  readonly minute: number;
}

interface Minute {
  readonly at: number;
  readonly shown: Shown;
  readonly latest: Shown;
}

function walk(zone: string, from: number): Minute[] {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  const minutes: Minute[] = [];
  let latest: Shown = { day: Number.NEGATIVE_INFINITY, minute: 0 };
  for (let i = 0; i < WINDOW_MINUTES; i += 1) {
    const at = from + i * MINUTE_MS;
    const [date = 0, month = 0, year = 0, hour = 0, minute = 0] = format.format(at).split(/\D+/).map(Number);
    const day = Date.UTC(year, month - 1, date) / DAY_MS;
    const shown = { day, minute: hour * 60 + minute };
    if (day > latest.day || (day === latest.day && shown.minute > latest.minute)) latest = shown;
    minutes.push({ at, shown, latest });
  }
  return minutes;
}

function slowlyOpen(cal: Calendar, { latest }: Minute): boolean {
  if (cal.closed.includes(latest.day)) return false;
  const spans = cal.week[weekday(latest.day)] ?? [];
  return spans.some(([opens, closes]) => opens <= latest.minute && latest.minute < closes);
}

describe.each(ZONES)('working time in %s', (zone) => {
  const windows = WINDOWS[zone].map((date) => walk(zone, utc(`${date}T00:00`)));
  const place = fc.record({
    window: fc.nat(2),
    // The first day of a window only warms the reference's memory of the latest time shown.
    from: fc.integer({ min: 24 * 60, max: WINDOW_MINUTES - 1 }),
    length: fc.nat(WINDOW_MINUTES),
  });
  const cal = fc
    .nat(2)
    .chain((window) => calendarIn(zone, windows[window]?.[0]?.at ?? 0, windows[window]?.at(-1)?.at ?? 0));

  it('equals a minute-by-minute walk with Intl', () => {
    fc.assert(
      fc.property(cal, place, (calendar, { window, from, length }) => {
        const walked = (windows[window] as Minute[]).slice(from, from + length);
        const last = walked.at(-1);
        if (!last) return;
        const begin = (walked[0] as Minute).at;
        const open = walked.filter((minute) => slowlyOpen(calendar, minute));
        expect(openMs(calendar, begin, last.at + MINUTE_MS)).toBe(open.length * MINUTE_MS);
        expect(isOpen(calendar, last.at)).toBe(slowlyOpen(calendar, last));
        const final = open.at(-1);
        if (final) expect(addOpenMs(calendar, begin, open.length * MINUTE_MS)).toBe(final.at + MINUTE_MS);
      }),
      { numRuns: 1_000 },
    );
  });

  it('shows the day and the minute that Intl shows', () => {
    fc.assert(
      fc.property(cal, place, (calendar, { window, from }) => {
        const minute = windows[window]?.[from] as Minute;
        expect(localTime(calendar, minute.at)).toEqual(minute.shown);
        expect(civilDay(calendar, minute.at)).toBe(minute.shown.day);
      }),
      { numRuns: 1_000 },
    );
  });
});
