import { DAY_MS, HOUR_MS, MINUTE_MS } from '../time/duration.js';

const SECOND_MS = 1_000;

/** When a delivery is tried. All waits are virtual. */
export interface RetrySchedule {
  /** Before each try but the last, counted from the try before; the first one's is 0. */
  readonly waitsMs: readonly [number, ...number[]];
  /** The last try, counted from the first. */
  readonly lastMs: number;
}

/** Eight tries: at once, and then for a day (design section 11). */
export const RETRY_SCHEDULE: RetrySchedule = {
  waitsMs: [0, 5 * SECOND_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS, 5 * HOUR_MS, 10 * HOUR_MS],
  lastMs: DAY_MS,
};

/** Up to so much of a wait is added to it, so that what failed together is not tried together for a day. */
const JITTER = 0.05;
/** The second try follows so soon that its instant is part of what receivers are told. */
const FIRST_WITH_JITTER = 2;

export interface Tried {
  /** Tries of the schedule made so far, the one that failed included. */
  readonly tries: number;
  /** Of the first try. */
  readonly firstAt: number;
  /** Of the one that failed; its beginning. */
  readonly triedAt: number;
  /** How long the receiver asks to be left alone, from `triedAt` on; virtual as everything here. */
  readonly retryAfterMs?: number | undefined;
  /** 0 to 1. */
  readonly random: number;
}

/**
 * The instant of the next try, null where the failed one was the last. Nothing is tried after the instant of the last try:
 * a wait or a `Retry-After` that goes beyond ends there, and a try that came that late itself (the endpoint was disabled,
 * nobody was there to make it) was the last. So a delivery ends within a day of tries that are made when they are due.
 * A `Retry-After` puts a try off and never brings one forward.
 */
export function nextTry(tried: Tried, schedule: RetrySchedule = RETRY_SCHEDULE): number | null {
  const { tries, firstAt, triedAt, retryAfterMs = 0, random } = tried;
  const lastAt = firstAt + schedule.lastMs;
  if (tries > schedule.waitsMs.length || triedAt >= lastAt) return null;
  const waitMs = schedule.waitsMs[tries];
  if (waitMs === undefined) return lastAt;
  const jitterMs = tries < FIRST_WITH_JITTER ? 0 : waitMs * JITTER * random;
  return Math.min(lastAt, triedAt + Math.round(Math.max(waitMs + jitterMs, retryAfterMs)));
}
