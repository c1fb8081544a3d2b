import type { Calendar } from './calendar.js';
import { DAY_MS, MINUTE_MS } from './duration.js';

/**
 * Between instants and the clock on a wall of the calendar's zone, from the compiled offsets alone.
 *
 * A local time is read as the first instant at which the wall clock shows it or something later. That one sentence
 * settles both ends of daylight saving: a time that is skipped becomes the later side of the gap, a time that comes
 * twice becomes the first of the two; and the reading never runs backwards.
 */
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Local times lie at most this far from UTC, so a search for one may begin this long before it. */
const WIDEST_OFFSET_MS = 26 * 60 * MINUTE_MS;

/** Days since 1970-01-01 of `YYYY-MM-DD`; undefined where that is no day of the calendar, such as 2026-02-30. */
export function parseCivilDay(text: string): number | undefined {
  const match = DATE.exec(text);
  if (!match) return undefined;
  const [year, month, date] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const at = Date.UTC(year, month - 1, date);
  const read = new Date(at);
  return read.getUTCMonth() === month - 1 && read.getUTCDate() === date ? at / DAY_MS : undefined;
}

/** The inverse of `parseCivilDay`. */
export function formatCivilDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** Index of the offset in force; the first one also holds for every instant before it. */
function offsetIndex(cal: Calendar, at: number): number {
  let low = 0;
  let high = cal.offsets.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((cal.offsets[middle]?.from ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

function offsetMs(cal: Calendar, index: number): number {
  return (cal.offsets[index]?.minutes ?? 0) * MINUTE_MS;
}

/** What the wall clock shows, as ms since 1970-01-01 00:00 local. */
export function wallClock(cal: Calendar, at: number): number {
  return at + offsetMs(cal, offsetIndex(cal, at));
}

/**
 * The wall clock that is never turned back: through the second pass of a doubled hour it stands at that hour's end.
 * Counting days from it keeps "the same time of day" monotone.
 */
export function forwardClock(cal: Calendar, at: number): number {
  const index = offsetIndex(cal, at);
  const shown = at + offsetMs(cal, index);
  const change = cal.offsets[index];
  if (index === 0 || !change) return shown;
  return Math.max(shown, change.from + offsetMs(cal, index - 1));
}

/** The first instant at which the wall clock shows `wall` (ms since 1970-01-01 00:00 local) or later. */
export function instantOf(cal: Calendar, wall: number): number {
  let index = offsetIndex(cal, wall - WIDEST_OFFSET_MS);
  for (;;) {
    const begins = index === 0 ? Number.NEGATIVE_INFINITY : (cal.offsets[index]?.from ?? 0);
    const candidate = Math.max(begins, wall - offsetMs(cal, index));
    const next = cal.offsets[index + 1];
    if (!next || candidate < next.from) return candidate;
    index += 1;
  }
}

/** `instantOf` for many local times in `[from, to]`: one subtraction each where the offset does not change on the way. */
export function instantsOf(cal: Calendar, from: number, to: number): (wall: number) => number {
  const index = offsetIndex(cal, from - WIDEST_OFFSET_MS);
  const next = cal.offsets[index + 1];
  if (next && next.from <= to + WIDEST_OFFSET_MS) return (wall) => instantOf(cal, wall);
  const offset = offsetMs(cal, index);
  return (wall) => wall - offset;
}

/** The civil day of an instant in the calendar's zone, in days since 1970-01-01. */
export function civilDay(cal: Calendar, at: number): number {
  return Math.floor(wallClock(cal, at) / DAY_MS);
}

/** Civil day and whole minutes since local midnight, as a clock on the wall shows them. */
export function localTime(cal: Calendar, at: number): { day: number; minute: number } {
  const shown = wallClock(cal, at);
  const day = Math.floor(shown / DAY_MS);
  return { day, minute: Math.floor((shown - day * DAY_MS) / MINUTE_MS) };
}

/** The first instant of a civil day in the calendar's zone, which is not 00:00 where midnight itself is skipped. */
export function startOfCivilDay(cal: Calendar, day: number): number {
  return instantOf(cal, day * DAY_MS);
}

/**
 * The first instant after the civil day `YYYY-MM-DD`: a promise for that day is broken from here on.
 * Throws RangeError on text that is no civil day; check it with `parseCivilDay` where it enters.
 */
export function endOfCivilDay(cal: Calendar, date: string): number {
  const day = parseCivilDay(date);
  if (day === undefined) throw new RangeError(`"${date}" is not a civil date such as 2026-12-05`);
  return startOfCivilDay(cal, day + 1);
}
