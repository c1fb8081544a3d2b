import fc from 'fast-check';
import type { Calendar, Span } from '../../../src/domain/time/calendar.js';
import { zoneOffsets } from '../../../src/policy-file/zone-offsets.js';

/** Calendars for the tests of time, and the instants they speak about. */
export const utc = (text: string): number => Date.parse(`${text}Z`);

const FIRST = utc('2018-01-01T00:00');
const LAST = utc('2028-01-01T00:00');

export function calendar(zone: string, week: Calendar['week'], closed: readonly number[] = []): Calendar {
  return { name: 'test', zone, offsets: zoneOffsets(zone, FIRST, LAST), week, closed };
}

const NINE_TO_FIVE: readonly Span[] = [[540, 1020]];
const SHUT: readonly Span[] = [];

export const BERLIN_OFFICE = calendar('Europe/Berlin', [
  NINE_TO_FIVE,
  NINE_TO_FIVE,
  NINE_TO_FIVE,
  NINE_TO_FIVE,
  NINE_TO_FIVE,
  SHUT,
  SHUT,
]);
export const UTC_OFFICE = { ...BERLIN_OFFICE, zone: 'UTC', offsets: [{ from: 0, minutes: 0 }] };
export const ALWAYS = calendar(
  'UTC',
  Array.from({ length: 7 }, (): readonly Span[] => [[0, 1440]]),
);
export const NEVER = calendar(
  'UTC',
  Array.from({ length: 7 }, () => SHUT),
);

/** Zones whose clocks change by an hour, by half an hour, at midnight, and by a whole day's date. */
export const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Sao_Paulo',
  'Pacific/Apia',
  'Asia/Kathmandu',
] as const;

export const spans: fc.Arbitrary<readonly Span[]> = fc
  .uniqueArray(fc.integer({ min: 0, max: 96 }), { minLength: 0, maxLength: 6 })
  .map((quarters) => {
    const times = quarters.map((quarter) => quarter * 15).sort((a, b) => a - b);
    return times.flatMap((time, i): Span[] => (i % 2 === 1 ? [[times[i - 1] as number, time]] : []));
  });

const week = fc.array(spans, { minLength: 7, maxLength: 7 }).filter((days) => days.some((day) => day.length > 0));

export function calendarIn(zone: string, from: number, to: number): fc.Arbitrary<Calendar> {
  const day = fc.integer({ min: Math.floor(from / 86_400_000), max: Math.ceil(to / 86_400_000) });
  const closed = fc.uniqueArray(day, { maxLength: 4 }).map((days) => days.sort((a, b) => a - b));
  return fc.tuple(week, closed).map(([days, shut]) => calendar(zone, days, shut));
}

export const anyCalendar: fc.Arbitrary<Calendar> = fc
  .constantFrom(...ZONES)
  .chain((zone) => calendarIn(zone, utc('2018-01-01T00:00'), utc('2027-01-01T00:00')));

export const anyInstant = fc.integer({ min: utc('2018-02-01T00:00'), max: utc('2026-12-31T00:00') });
