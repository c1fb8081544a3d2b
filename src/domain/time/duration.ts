/**
 * Lengths of time as people write them in a policy: `3 working days`, `4 working hours`, `2 days`, `90 minutes`.
 * Working durations need a calendar to become milliseconds; wall durations do not.
 */
export type DurationUnit = 'working_days' | 'working_hours' | 'days' | 'hours' | 'minutes';

export interface Duration {
  readonly amount: number;
  readonly unit: DurationUnit;
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const PATTERN = /^\s*(\d+(?:\.\d+)?)\s*(working\s+days?|working\s+hours?|days?|hours?|minutes?)\s*$/;

/** Reads `3 working days`; returns undefined where the text is no duration. Fractions are allowed for all but working days. */
export function parseDuration(text: string): Duration | undefined {
  const match = PATTERN.exec(text);
  if (!match) return undefined;
  const amount = Number(match[1]);
  const unit = (match[2] as string).replace(/\s+/g, '_').replace(/s$/, '').concat('s') as DurationUnit;
  if (unit === 'working_days' && !Number.isInteger(amount)) return undefined;
  return { amount, unit };
}

/** The inverse of `parseDuration`: `{ amount: 1, unit: 'working_days' }` is `1 working day`. */
export function formatDuration(duration: Duration): string {
  const words = duration.unit.replace('_', ' ');
  return `${duration.amount} ${duration.amount === 1 ? words.replace(/s$/, '') : words}`;
}

export function isWorking(duration: Duration): boolean {
  return duration.unit === 'working_days' || duration.unit === 'working_hours';
}

/** Milliseconds of a wall duration; undefined for a working one, whose length depends on a calendar. */
export function wallMs(duration: Duration): number | undefined {
  switch (duration.unit) {
    case 'days':
      return duration.amount * DAY_MS;
    case 'hours':
      return duration.amount * HOUR_MS;
    case 'minutes':
      return duration.amount * MINUTE_MS;
    default:
      return undefined;
  }
}
