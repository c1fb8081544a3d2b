import type { Calendar } from './calendar.js';
import { instantsOf, wallClock } from './civil-date.js';
import { DAY_MS, MINUTE_MS } from './duration.js';

/**
 * A calendar's open time as plain sorted instants, laid out in stretches of 64 civil days when first asked for.
 * Sums over months then cost a few binary searches, which is what lets `reconcile` stay within its 50 µs.
 */
export interface Stretch {
  /** `[from, to)`: first instants of the first civil day and of the one after the last. */
  readonly from: number;
  readonly to: number;
  /** Open time as `[opens[i], closes[i])`, never empty, sorted. */
  readonly opens: readonly number[];
  readonly closes: readonly number[];
  /** Civil day that each span belongs to. */
  readonly dayOf: readonly number[];
  /** Open ms of this stretch before each span. */
  readonly before: readonly number[];
  readonly total: number;
  /** Civil days with any open time: the working days. */
  readonly days: readonly number[];
}

const DAYS = 64;

/** 1970-01-01 was a Thursday; weeks here begin on Monday. */
const EPOCH_WEEKDAY = 3;

/**
 * No calendar stays closed this long: the loader refuses one that never opens, and where one slips through, every
 * search ends here instead of never.
 */
export const SEARCH_STRETCHES = Math.ceil((3 * 366) / DAYS);
export const SEARCH_MS = SEARCH_STRETCHES * DAYS * DAY_MS;

/** A pure function's memory: the same calendar object always gives the same stretches, so replays are not affected. */
const remembered = new WeakMap<Calendar, Map<number, Stretch>>();

export function stretch(cal: Calendar, index: number): Stretch {
  let known = remembered.get(cal);
  if (!known) remembered.set(cal, (known = new Map()));
  let found = known.get(index);
  if (!found) known.set(index, (found = layOut(cal, index)));
  return found;
}

/** Index of the stretch that holds an instant. */
export function stretchAt(cal: Calendar, at: number): number {
  const index = Math.floor(wallClock(cal, at) / DAY_MS / DAYS);
  // Clocks that are turned back past midnight show yesterday once more; that is the new day all the same.
  return at >= stretch(cal, index).to ? index + 1 : index;
}

function layOut(cal: Calendar, index: number): Stretch {
  const first = index * DAYS;
  const opens: number[] = [];
  const closes: number[] = [];
  const dayOf: number[] = [];
  const before: number[] = [];
  const days: number[] = [];
  let total = 0;
  const instantOf = instantsOf(cal, first * DAY_MS, (first + DAYS) * DAY_MS);
  for (let day = first; day < first + DAYS; day += 1) {
    if (isClosedDay(cal, day)) continue;
    for (const [opensAt, closesAt] of cal.week[weekday(day)] ?? []) {
      const open = instantOf(day * DAY_MS + opensAt * MINUTE_MS);
      const close = instantOf(day * DAY_MS + closesAt * MINUTE_MS);
      // A span that daylight saving skips whole has no length and makes no working day.
      if (close <= open) continue;
      if (days.at(-1) !== day) days.push(day);
      opens.push(open);
      closes.push(close);
      dayOf.push(day);
      before.push(total);
      total += close - open;
    }
  }
  const from = instantOf(first * DAY_MS);
  const to = instantOf((first + DAYS) * DAY_MS);
  return { from, to, opens, closes, dayOf, before, total, days };
}

/** 0 = Monday. */
export function weekday(day: number): number {
  return (((day + EPOCH_WEEKDAY) % 7) + 7) % 7;
}

function isClosedDay(cal: Calendar, day: number): boolean {
  return cal.closed[lastAtMost(cal.closed, day)] === day;
}

/** Index of the last element that is at most `value` in a sorted list; -1 where all are greater. */
export function lastAtMost(sorted: readonly number[], value: number): number {
  let low = -1;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((sorted[middle] as number) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Open ms of a stretch before an instant within it. */
export function openBefore(part: Stretch, at: number): number {
  const span = lastAtMost(part.opens, at);
  if (span < 0) return 0;
  const opened = part.opens[span] as number;
  return (part.before[span] as number) + Math.min(at, part.closes[span] as number) - opened;
}
