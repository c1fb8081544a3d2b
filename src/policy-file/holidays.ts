import { createRequire } from 'node:module';
import type HolidaysType from 'date-holidays';
import { parseCivilDay } from '../domain/time/civil-date.js';
import { DAY_MS, HOUR_MS } from '../domain/time/duration.js';
import { didYouMean } from './did-you-mean.js';

/**
 * Public holidays by country, from `date-holidays` (data CC BY-SA 3.0), as whole civil days. The world's holidays are
 * 0.2 s of loading and 20 MB of memory, so they are loaded by the first policy that names a country.
 */
const holidaysOfTheWorld = (): typeof HolidaysType => createRequire(import.meta.url)('date-holidays');

export const HOLIDAY_TYPES = ['public', 'bank', 'optional', 'school', 'observance'] as const;

export interface HolidayChoice {
  readonly country: string;
  /** A state, or a region of one after a dash: `BE`, `CN-TF`. */
  readonly region?: string | undefined;
  readonly types: readonly (typeof HOLIDAY_TYPES)[number][];
}

/** Why a country or region is unknown and what to write instead; undefined where both are known. */
export function wrongHolidays({
  country,
  region,
}: HolidayChoice): { key: 'country' | 'region'; message: string } | undefined {
  const Holidays = holidaysOfTheWorld();
  const known = new Holidays().getCountries('en');
  if (!Object.hasOwn(known, country)) {
    const hint = didYouMean(country, Object.keys(known).includes(country.toUpperCase()) ? [country.toUpperCase()] : []);
    return {
      key: 'country',
      message: `no holidays are known for "${country}".${hint} Write a two-letter code such as DE, US or GB.`,
    };
  }
  if (region === undefined) return undefined;
  const { state, part } = split(region);
  const states: Record<string, string> = new Holidays().getStates(country, 'en') ?? {};
  if (!Object.hasOwn(states, state)) return { key: 'region', message: unknownRegion(region, country, states) };
  if (part === undefined) return undefined;
  const parts: Record<string, string> = new Holidays().getRegions(country, state, 'en') ?? {};
  if (Object.hasOwn(parts, part)) return undefined;
  return { key: 'region', message: unknownRegion(region, `${country}-${state}`, parts) };
}

function unknownRegion(region: string, within: string, known: Record<string, string>): string {
  const names = Object.entries(known).map(([code, name]) => `${code} (${name})`);
  if (names.length === 0) return `no region of ${within} has holidays of its own: leave "${region}" out.`;
  return `"${region}" is no region of ${within}: write one of ${names.join(', ')}, or leave it out.`;
}

function split(region: string): { state: string; part: string | undefined } {
  const [state = '', part] = region.split('-');
  return { state, part };
}

/** The civil days that are holidays in the given years; a holiday that begins at noon leaves its day a working day. */
export function holidayDays(choice: HolidayChoice, years: readonly number[]): number[] {
  const Holidays = holidaysOfTheWorld();
  const { state, part } = split(choice.region ?? '');
  const options = { types: [...choice.types] };
  const book = state
    ? part
      ? new Holidays(choice.country, state, part, options)
      : new Holidays(choice.country, state, options)
    : new Holidays(choice.country, options);
  return years.flatMap((year) => book.getHolidays(year, 'en').flatMap(wholeDays));
}

/** Beginning and end are instants of the country's zone, where a day may have 23 or 25 hours; half a day is none. */
function wholeDays({ date, start, end }: { date: string; start: Date; end: Date }): number[] {
  const first = parseCivilDay(date.slice(0, 10));
  if (first === undefined) return [];
  const days = Math.floor((end.getTime() - start.getTime() + 1.5 * HOUR_MS) / DAY_MS);
  return Array.from({ length: days }, (_, i) => first + i);
}
