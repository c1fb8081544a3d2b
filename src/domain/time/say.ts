import type { Calendar } from './calendar.js';
import { localTime } from './civil-date.js';
import { type ClockRun, used } from './clock-run.js';
import { formatDuration, isWorking, MINUTE_MS } from './duration.js';

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** An instant for people, in the calendar's zone: `Thu 3 Dec 09:00 Berlin`. Needs no `Intl`, so replays agree. */
export function sayInstant(calendar: Calendar, at: number): string {
  const { day, minute } = localTime(calendar, at);
  const date = new Date(day * 86_400_000);
  const clock = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  const weekday = WEEKDAYS[(date.getUTCDay() + 6) % 7];
  return `${weekday} ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${clock} ${sayZone(calendar.zone)}`;
}

const sayZone = (zone: string): string => (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ');

/** How much of a clock has run: `12 h 30 min of working time used`, or of wall time for a wall duration. */
export function sayUsed(run: ClockRun, now: number): string {
  const minutes = Math.floor(used(run, now) / MINUTE_MS);
  const hours = Math.floor(minutes / 60);
  const amount = hours ? `${hours} h${minutes % 60 ? ` ${minutes % 60} min` : ''}` : `${minutes} min`;
  return `${amount}${isWorking(run.duration) ? ' of working time' : ''} used of ${formatDuration(run.duration)}`;
}
