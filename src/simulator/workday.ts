export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** The story's people work on weekdays, 07:00 to 15:00 UTC, which is office time in Berlin summer and winter. */
const FIRST_HOUR = 7;
const LAST_HOUR = 14;

export function isWeekend(at: number): boolean {
  const day = new Date(at).getUTCDay();
  return day === 0 || day === 6;
}

/** The same time of day, `workdays` weekdays later. */
export function addWorkdays(at: number, workdays: number): number {
  let to = offWeekend(at);
  for (let left = workdays; left > 0; left--) to = offWeekend(to + DAY_MS);
  return to;
}

/** Saturday and Sunday become Monday. */
export function offWeekend(at: number): number {
  let to = at;
  while (isWeekend(to)) to += DAY_MS;
  return to;
}

/** The day of `at`, at a time of working hours. `part` from 0 to 1 says how far into them. */
export function inWorkingHours(at: number, part: number): number {
  const midnight = Math.floor(at / DAY_MS) * DAY_MS;
  return midnight + Math.round((FIRST_HOUR + part * (LAST_HOUR - FIRST_HOUR)) * HOUR_MS);
}
