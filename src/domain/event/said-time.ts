import { DAY_MS, MINUTE_MS } from '../time/duration.js';

const DATE = /^(\d{4})-(\d{2})-(\d{2})(?:$|[T ])/;
const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;
/** 10000-01-01T00:00:00Z: years of five digits are a mistake. */
const END = 253_402_300_800_000;

/**
 * An instant as a sender writes it, epoch ms: ISO 8601 (without an offset it is UTC, never the zone of the machine), or
 * a number of seconds or milliseconds. Undefined where it is none, or lies before 1970; `null` stays `null`.
 */
export function instant(value: unknown): number | null | undefined {
  if (value === null) return null;
  if (typeof value === 'number') return usable(Math.abs(value) < 1e11 ? value * 1000 : value);
  if (typeof value !== 'string' || value.length > 40) return undefined;
  const match = DATE_TIME.exec(value);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second = '0', fraction = '0', zone = 'Z'] = match;
  const date = civil(Number(year), Number(month), Number(day));
  if (date === undefined || Number(hour) > 24 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const time =
    (Number(hour) * 60 + Number(minute)) * MINUTE_MS +
    Number(second) * 1000 +
    Math.floor(Number(`0.${fraction}`) * 1000);
  return usable(date * DAY_MS + time - offsetMs(zone));
}

/**
 * A civil date `YYYY-MM-DD`, e.g. a target launch date. Of a date-time the date counts as it is written, in the time's
 * own offset: senders that mean a day write `2026-12-18T00:00:00Z`, and turning that into a workspace zone west of
 * Greenwich would move the promise a day forward. Undefined where there is no such day; `null` stays `null`.
 */
export function civilDate(value: unknown): string | null | undefined {
  if (value === null) return null;
  if (typeof value !== 'string' || value.length > 40) return undefined;
  const match = DATE.exec(value);
  if (!match || civil(Number(match[1]), Number(match[2]), Number(match[3])) === undefined) return undefined;
  return value.slice(0, 10);
}

/** Days since 1970-01-01; undefined for a day that is in no calendar. */
function civil(year: number, month: number, day: number): number | undefined {
  if (year < 1970) return undefined;
  const ms = Date.UTC(year, month - 1, day);
  const date = new Date(ms);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? ms / DAY_MS : undefined;
}

function offsetMs(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith('-') ? -minutes : minutes) * MINUTE_MS;
}

function usable(ms: number): number | undefined {
  const whole = Math.floor(ms) + 0;
  return whole >= 0 && whole < END ? whole : undefined;
}
