import type { Calendar, OffsetChange } from '../domain/time/calendar.js';
import { parseCivilDay } from '../domain/time/civil-date.js';
import { DAY_MS } from '../domain/time/duration.js';
import { type HolidayChoice, holidayDays } from './holidays.js';
import { readHours } from './hours.js';
import { zoneOffsets } from './zone-offsets.js';

export interface CalendarSettings {
  readonly name: string;
  readonly zone: string;
  readonly hours: Readonly<Record<string, string>>;
  readonly holidays?: HolidayChoice | undefined;
  /** `YYYY-MM-DD` */
  readonly closed: readonly string[];
}

/** Last year's clocks may still be counted, and nothing is due later than this. */
const YEARS_BEFORE = 1;
const YEARS_AFTER = 4;
/** Sums may begin a little before the first year: a phase entered in December, looked at in January a year later. */
const MARGIN_MS = 40 * DAY_MS;

/** The years for which holidays and offsets are written out; later days follow the week and the last offset. */
export function compiledYears(now: number): number[] {
  const year = new Date(now).getUTCFullYear();
  return Array.from({ length: YEARS_BEFORE + 1 + YEARS_AFTER }, (_, i) => year - YEARS_BEFORE + i);
}

/** Resolves zone, hours, holidays and closed dates to the plain numbers that the arithmetic works on. */
export function compileCalendar(settings: CalendarSettings, now: number): Calendar {
  const years = compiledYears(now);
  const closed = settings.closed.map((date) => parseCivilDay(date) ?? Number.NaN);
  const holidays = settings.holidays ? holidayDays(settings.holidays, years) : [];
  return {
    name: settings.name,
    zone: settings.zone,
    offsets: compiledOffsets(settings.zone, now),
    week: readHours(settings.hours).week,
    closed: [...new Set([...closed, ...holidays])].sort((a, b) => a - b),
  };
}

/** The offset changes of a zone in the years that are written out around `now` (epoch ms). */
export function compiledOffsets(zone: string, now: number): readonly OffsetChange[] {
  const years = compiledYears(now);
  const from = Date.UTC(years[0] as number, 0, 1) - MARGIN_MS;
  const to = Date.UTC((years.at(-1) as number) + 1, 0, 1) + MARGIN_MS;
  return zoneOffsets(zone, from, to);
}
