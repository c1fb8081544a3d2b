import type { Calendar } from './calendar.js';
import { localTime } from './civil-date.js';

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
