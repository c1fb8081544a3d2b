import { HOUR_MS } from '../domain/time/duration.js';

/** A receiver may not ask for more: a year's wait, meant or not, would end a ladder that must only be delayed. */
const LONGEST_MS = HOUR_MS;

/**
 * Reads a `Retry-After` header, whole seconds or an HTTP date (RFC 9110, 10.2.3), as real ms from `now`. A date that is
 * past is 0, more than an hour is an hour, anything else undefined.
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim();
  if (!text) return undefined;
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : dateOf(text) - now;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), LONGEST_MS);
}

/** Only the form that HTTP prescribes, which begins with a weekday; `Date.parse` alone would take `-1` for a year. */
function dateOf(text: string): number {
  return /^[A-Z][a-z]{2}, /.test(text) ? Date.parse(text) : Number.NaN;
}
