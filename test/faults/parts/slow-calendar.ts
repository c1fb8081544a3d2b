/** A civil minute in a zone, and how many working days are to pass from it. */
export interface SlowCase {
  readonly zone: string;
  /** `YYYY-MM-DD`: where it is no working day, the next one counts. */
  readonly date: string;
  /** Minutes since midnight, within the office hours. */
  readonly minute: number;
  readonly days: number;
  readonly closed: readonly string[];
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * Working days the way a person counts them: day by day in the calendar, Monday to Friday but for the closed dates,
 * then the same time of day. Instants are found by asking `Intl` what the wall shows; nothing of Slipway's is used.
 */
export function addWorkingDaysSlowly({ zone, date, minute, days, closed }: SlowCase): { from: number; due: number } {
  const isWorking = (day: number): boolean => {
    const weekday = new Date(day).getUTCDay();
    return weekday !== 0 && weekday !== 6 && !closed.includes(new Date(day).toISOString().slice(0, 10));
  };
  let day = Date.parse(`${date}T00:00:00Z`);
  while (!isWorking(day)) day += DAY_MS;
  const from = instantIn(zone, day, minute);
  for (let left = days; left > 0; ) {
    day += DAY_MS;
    if (isWorking(day)) left--;
  }
  return { from, due: instantIn(zone, day, minute) };
}

/** No zone is further from UTC than 15 hours; every one is away by whole quarters of an hour. */
function instantIn(zone: string, day: number, minute: number): number {
  const shown = day + minute * MINUTE_MS;
  for (let hours = -15; hours <= 15; hours += 0.25) {
    const at = shown + hours * 60 * MINUTE_MS;
    if (wall(zone, at) === shown) return at;
  }
  throw new RangeError(`${zone} never shows minute ${minute} of ${new Date(day).toISOString()}`);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What the wall shows there, as if it were UTC. */
function wall(zone: string, at: number): number {
  const format =
    formats.get(zone) ?? new Intl.DateTimeFormat('en-GB', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  formats.set(zone, format);
  const [date = 0, month = 0, year = 0, hour = 0, minute = 0] = format.format(at).split(/\D+/).map(Number);
  return Date.UTC(year, month - 1, date, hour, minute);
}
