import type { Calendar } from './calendar.js';
import { forwardClock, instantOf } from './civil-date.js';
import { DAY_MS, type Duration, HOUR_MS, wallMs } from './duration.js';
import { lastAtMost, openBefore, SEARCH_MS, SEARCH_STRETCHES, type Stretch, stretch, stretchAt } from './open-spans.js';

/** The closing instant itself is closed, the opening one open. */
export function isOpen(cal: Calendar, at: number): boolean {
  const part = stretch(cal, stretchAt(cal, at));
  const span = lastAtMost(part.opens, at);
  return span >= 0 && at < (part.closes[span] as number);
}

/** `at` itself where that is open, else the next opening; the end of a three-year search where there is none. */
export function nextOpening(cal: Calendar, at: number): number {
  const index = stretchAt(cal, at);
  let part = stretch(cal, index);
  const span = lastAtMost(part.opens, at);
  if (span >= 0 && at < (part.closes[span] as number)) return at;
  for (let ahead = 0; ahead <= SEARCH_STRETCHES; ahead += 1) {
    part = stretch(cal, index + ahead);
    const opening = part.opens[lastAtMost(part.opens, at) + 1];
    if (opening !== undefined) return opening;
  }
  return part.to;
}

/** Open milliseconds in `[from, to)`; 0 where `to` does not lie after `from`. */
export function openMs(cal: Calendar, from: number, to: number): number {
  if (to <= from) return 0;
  const first = stretchAt(cal, from);
  const last = stretchAt(cal, to);
  let sum = openBefore(stretch(cal, last), to) - openBefore(stretch(cal, first), from);
  for (let index = first; index < last; index += 1) sum += stretch(cal, index).total;
  return sum;
}

/**
 * The first instant by which `ms` open milliseconds have passed since `from`, so a sum that fills a day ends at its
 * closing and not at the next opening; `from` itself for none. Three years without any open time end the search.
 */
export function addOpenMs(cal: Calendar, from: number, ms: number): number {
  if (ms <= 0) return from;
  let index = stretchAt(cal, from);
  let part = stretch(cal, index);
  let wanted = openBefore(part, from) + ms;
  for (let barren = 0; wanted > part.total; index += 1, part = stretch(cal, index)) {
    wanted -= part.total;
    barren = part.total === 0 ? barren + 1 : 0;
    if (barren > SEARCH_STRETCHES) return part.to;
  }
  return reached(part, wanted);
}

/** The first instant by which `wanted` (more than 0) open ms of the stretch have passed. */
function reached(part: Stretch, wanted: number): number {
  let span = lastAtMost(part.before, wanted);
  if (part.before[span] === wanted) span -= 1;
  return (part.opens[span] as number) + wanted - (part.before[span] as number);
}

/**
 * The instant a duration after `from` (design section 2, "Working time is data"). Working durations count from the
 * next opening, so Friday 18:00 + 1 working day is Tuesday 09:00 where Monday opens at 09:00; wall durations run
 * through nights and need no calendar. Fractions end on a whole ms.
 */
export function addDuration(cal: Calendar, from: number, duration: Duration): number {
  switch (duration.unit) {
    case 'working_days':
      return addWorkingDays(cal, nextOpening(cal, from), duration.amount);
    case 'working_hours':
      return addOpenMs(cal, nextOpening(cal, from), Math.round(duration.amount * HOUR_MS));
    default:
      return from + Math.round(wallMs(duration) ?? 0);
  }
}

/** The same time of day, `count` working days later, clamped into that day's hours. */
function addWorkingDays(cal: Calendar, opening: number, count: number): number {
  const index = stretchAt(cal, opening);
  const part = stretch(cal, index);
  const day = part.dayOf[lastAtMost(part.opens, opening)];
  if (count === 0 || day === undefined) return opening;
  const timeOfDay = forwardClock(cal, opening) - day * DAY_MS;
  const target = workingDayAfter(cal, index, day, count);
  return target === undefined ? opening + SEARCH_MS : clampInto(cal, target, timeOfDay);
}

interface WorkingDay {
  readonly part: Stretch;
  readonly day: number;
}

function workingDayAfter(cal: Calendar, from: number, day: number, count: number): WorkingDay | undefined {
  let index = from;
  let part = stretch(cal, index);
  let wanted = lastAtMost(part.days, day) + count;
  for (let barren = 0; wanted >= part.days.length; index += 1, part = stretch(cal, index)) {
    wanted -= part.days.length;
    barren = part.days.length === 0 ? barren + 1 : 0;
    if (barren > SEARCH_STRETCHES) return undefined;
  }
  return { part, day: part.days[wanted] as number };
}

/** Before the day's opening, or in a pause of it: the opening that follows. After its last closing: that closing. */
function clampInto(cal: Calendar, { part, day }: WorkingDay, timeOfDay: number): number {
  const at = instantOf(cal, day * DAY_MS + timeOfDay);
  const span = lastAtMost(part.closes, at) + 1;
  if (part.dayOf[span] === day) return Math.max(at, part.opens[span] as number);
  return part.closes[lastAtMost(part.dayOf, day)] as number;
}
