import type { Calendar } from './calendar.js';
import { type Duration, isWorking } from './duration.js';
import { addDuration, addOpenMs, isOpen, nextOpening, openMs } from './working-time.js';

/** One threshold that counts from an instant, with the times it stood still and the calendars that counted it. */
export interface ClockRun {
  readonly startAt: number;
  readonly duration: Duration;
  /** `[from, to)`; `null` = not over. In any order; they may overlap, touch or be empty. */
  readonly stops: readonly Stop[];
  /** By adoption, oldest first; the first one also holds before its `from`. At least one. */
  readonly calendars: readonly { readonly from: number; readonly calendar: Calendar }[];
}

export interface Stop {
  readonly from: number;
  readonly to: number | null;
}

/** A piece of the run during which the clock goes and one calendar counts; `to` null = until it is due. */
interface Leg {
  readonly from: number;
  readonly to: number | null;
  readonly calendar: Calendar;
}

/** What a clock that stopped has still to go. */
interface Remainder {
  readonly ms: number;
  /** It was due at an opening, and stays so: not at the closing before, which the same sum also reaches. */
  readonly atOpening: boolean;
}

/**
 * When the run is due; null while it is frozen: a stop without an end begins before that. Due exactly where a stop or
 * another calendar begins counts as reached. A start inside a stop begins to count when the stop ends.
 *
 * When a clock stops, what remains is the open ms up to the instant it would have been due (real ms for wall
 * durations); when it goes on, it is due that many later. A change of calendar is such a stop of no length.
 */
export function dueAt(run: ClockRun): number | null {
  const working = isWorking(run.duration);
  let remainder: Remainder | null = null;
  for (const leg of legs(run)) {
    const due: number = remainder ? goOn(leg, remainder, working) : addDuration(leg.calendar, leg.from, run.duration);
    if (leg.to === null || due <= leg.to) return due;
    // A leg of no length, where the start meets a stop, has not begun to count.
    if (leg.to > leg.from) remainder = remains(leg.calendar, leg.to, due, working);
  }
  return null;
}

/** Milliseconds the run has counted by `now`: open ones for a working duration, all for a wall one, none in stops. */
export function used(run: ClockRun, now: number): number {
  let sum = 0;
  for (const leg of legs(run)) {
    if (leg.from >= now) break;
    const to = leg.to === null ? now : Math.min(leg.to, now);
    sum += isWorking(run.duration) ? openMs(leg.calendar, leg.from, to) : to - leg.from;
  }
  return sum;
}

function remains(calendar: Calendar, at: number, due: number, working: boolean): Remainder {
  if (!working) return { ms: due - at, atOpening: false };
  return { ms: openMs(calendar, at, due), atOpening: isOpen(calendar, due) && !isOpen(calendar, due - 1) };
}

function goOn(leg: Leg, remainder: Remainder, working: boolean): number {
  if (!working) return leg.from + remainder.ms;
  const reached = addOpenMs(leg.calendar, leg.from, remainder.ms);
  return remainder.atOpening ? nextOpening(leg.calendar, reached) : reached;
}

function legs(run: ClockRun): Leg[] {
  const found: Leg[] = [];
  let from: number | null = run.startAt;
  for (const stop of merged(run.stops)) {
    if (stop.to !== null && stop.to <= run.startAt) continue;
    if (stop.from >= run.startAt) byCalendar(run, from, stop.from, found);
    from = stop.to;
    if (from === null) return found;
  }
  byCalendar(run, from, null, found);
  return found;
}

/** Overlapping and touching stops made one, empty ones dropped, in order. */
function merged(stops: readonly Stop[]): Stop[] {
  const lasting = stops.filter((stop) => stop.to === null || stop.to > stop.from);
  const ordered = lasting.sort((a, b) => a.from - b.from);
  const result: Stop[] = [];
  for (const stop of ordered) {
    const last = result.at(-1);
    if (last && (last.to === null || stop.from <= last.to)) {
      const to = last.to === null || stop.to === null ? null : Math.max(last.to, stop.to);
      result[result.length - 1] = { from: last.from, to };
    } else result.push(stop);
  }
  return result;
}

/** Adds `[from, to]` to `into`, cut where another calendar takes over. */
function byCalendar(run: ClockRun, from: number, to: number | null, into: Leg[]): void {
  let begins = from;
  for (let i = 0; i < run.calendars.length; i += 1) {
    const calendar = (run.calendars[i] as ClockRun['calendars'][number]).calendar;
    const changes = run.calendars[i + 1]?.from ?? null;
    if (changes !== null && changes <= begins) continue;
    const ends = changes !== null && (to === null || changes < to) ? changes : to;
    into.push({ from: begins, to: ends, calendar });
    if (ends === to) return;
    begins = changes as number;
  }
}
