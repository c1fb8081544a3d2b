import type { Calendar, Span } from '../domain/time/calendar.js';

/** Reads opening hours: `{ mon-fri: "09:00-17:00", sat: "22:00-06:00, 10:00-12:00" }` to a week table, Monday first. */
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const END_OF_DAY = 1440;

export interface HoursProblem {
  /** The key of `hours` that is wrong; undefined where it is the whole. */
  readonly key?: string;
  readonly message: string;
}

export function readHours(hours: Readonly<Record<string, string>>): {
  week: Calendar['week'];
  problems: HoursProblem[];
} {
  const problems: HoursProblem[] = [];
  const week: Span[][] = DAYS.map(() => []);
  const givenBy = new Map<number, string>();
  for (const [key, text] of Object.entries(hours)) {
    const days = readDays(key);
    const spans = readSpans(text);
    if (typeof days === 'string') problems.push({ key, message: days });
    if (typeof spans === 'string') problems.push({ key, message: spans });
    if (typeof days === 'string' || typeof spans === 'string') continue;
    for (const day of days) {
      const before = givenBy.get(day);
      if (before !== undefined)
        problems.push({ key, message: `${DAYS[day]} is given by "${before}" already: name each day once.` });
      givenBy.set(day, key);
      for (const span of spans) add(week, day, span);
    }
  }
  if (problems.length === 0 && week.every((day) => day.length === 0)) {
    problems.push({
      message:
        'never open: nobody on this calendar could be told anything. Give at least one day hours, such as mon-fri: "09:00-17:00".',
    });
  }
  return { week: week.map(joined), problems };
}

/** `mon`, `mon-fri`, `fri-mon` (over the weekend), `mon, wed`; a sentence where it is none. */
function readDays(key: string): number[] | string {
  const days: number[] = [];
  for (const part of key.toLowerCase().split(',')) {
    const ends = part.split('-').map((day) => DAYS.indexOf(day.trim()));
    const [first, last = first] = ends;
    if (first === undefined || last === undefined || first < 0 || last < 0 || ends.length > 2) {
      return `"${key}" names no days: write mon, tue, wed, thu, fri, sat or sun, or a range such as mon-fri.`;
    }
    for (let day = first; ; day = (day + 1) % 7) {
      days.push(day);
      if (day === last) break;
    }
  }
  return days;
}

function readSpans(text: string): Span[] | string {
  const spans: Span[] = [];
  for (const part of text.split(',')) {
    const match = /^\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*$/.exec(part);
    const opens = match ? minutes(match[1], match[2]) : undefined;
    const closes = match ? minutes(match[3], match[4]) : undefined;
    if (opens === undefined || closes === undefined || opens === END_OF_DAY) {
      return `"${part.trim()}" is not a span of hours: write it like "09:00-17:00", several with commas, up to 24:00.`;
    }
    if (opens === closes)
      return `"${part.trim()}" has no length: for a whole day write "00:00-24:00", or leave the day out.`;
    spans.push([opens, closes]);
  }
  return spans;
}

function minutes(hour: string | undefined, minute: string | undefined): number | undefined {
  const [h, m] = [Number(hour), Number(minute)];
  const sum = h * 60 + m;
  return m < 60 && sum <= END_OF_DAY ? sum : undefined;
}

/** A span that closes before it opens runs past midnight into the next day. */
function add(week: Span[][], day: number, [opens, closes]: Span): void {
  if (closes > opens) week[day]?.push([opens, closes]);
  else {
    week[day]?.push([opens, END_OF_DAY]);
    if (closes > 0) week[(day + 1) % 7]?.push([0, closes]);
  }
}

/** Sorted, with overlapping and touching spans made one, as the arithmetic expects them. */
function joined(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const [opens, closes] of [...spans].sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last && opens <= last[1]) result[result.length - 1] = [last[0], Math.max(last[1], closes)];
    else result.push([opens, closes]);
  }
  return result;
}
