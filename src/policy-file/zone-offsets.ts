import type { OffsetChange } from '../domain/time/calendar.js';
import { DAY_MS, MINUTE_MS } from '../domain/time/duration.js';

/**
 * The offset changes of an IANA zone in `[from, to]`, found by asking `Intl` once a day and halving the day in which
 * the answer changed. No zone has changed its offset and back within a day; a change falls on a whole minute.
 */
export function zoneOffsets(zone: string, from: number, to: number): readonly OffsetChange[] {
  const key = `${zone} ${from} ${to}`;
  let found = probed.get(key);
  if (!found) probed.set(key, (found = probe(zone, from, to)));
  return found;
}

/** Some thousand questions to `Intl` a zone, and most calendars of a file share one. */
const probed = new Map<string, readonly OffsetChange[]>();

function probe(zone: string, from: number, to: number): OffsetChange[] {
  const offset = offsetReader(zone);
  const changes: OffsetChange[] = [{ from, minutes: offset(from) }];
  for (let at = from; at < to; at += DAY_MS) {
    const next = Math.min(at + DAY_MS, to);
    const minutes = offset(next);
    if (minutes !== changes.at(-1)?.minutes) changes.push({ from: firstWith(offset, at, next), minutes });
  }
  return changes;
}

/** Whether this machine's time-zone data knows the zone. */
export function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function firstWith(offset: (at: number) => number, before: number, after: number): number {
  let low = before;
  let high = after;
  const old = offset(before);
  while (high - low > MINUTE_MS) {
    const middle = low + Math.floor((high - low) / 2 / MINUTE_MS) * MINUTE_MS;
    if (offset(middle) === old) low = middle;
    else high = middle;
  }
  return high;
}

function offsetReader(zone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  return (at) => {
    const name = format.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
    const match = /^GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(name);
    const minutes = Number(match?.[2] ?? 0) * 60 + Number(match?.[3] ?? 0);
    return match?.[1] === '-' ? -minutes : minutes;
  };
}
