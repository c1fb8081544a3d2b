import { HOUR_MS, MINUTE_MS } from '../domain/time/duration.js';

/** A span in which an edge listener was up. Real epoch ms. */
export interface HeardSpan {
  readonly from: number;
  readonly last: number;
}

/** A span in which none was; `to` null while it lasts. Real epoch ms. */
export interface Silence {
  readonly from: number;
  readonly to: number | null;
}

/** The sender tries again at 5 s and 5 min: a shorter silence loses nothing that is not soon there. Real ms. */
export const SILENCE_MS = 10 * MINUTE_MS;

/**
 * The silences of over ten minutes, oldest first. Any server that hears is enough. Before the first span there is none:
 * a first start is no silence.
 */
export function silences(spans: readonly HeardSpan[], now: number): readonly Silence[] {
  const found: Silence[] = [];
  let heardUntil: number | undefined;
  for (const { from, last } of spans.toSorted((a, b) => a.from - b.from)) {
    if (heardUntil !== undefined && from - heardUntil > SILENCE_MS) found.push({ from: heardUntil, to: from });
    heardUntil = Math.max(heardUntil ?? last, last);
  }
  if (heardUntil !== undefined && now - heardUntil > SILENCE_MS) found.push({ from: heardUntil, to: null });
  return found;
}

/**
 * How long after a silence of this length the sender's next try may come, real ms: its waits between tries are 5 s,
 * 5 min, 30 min, 2 h, 5 h and 10 h, each counted from the try before.
 */
export function senderRetryMs(silenceMs: number): number {
  if (silenceMs <= 5 * MINUTE_MS) return 30 * MINUTE_MS;
  if (silenceMs <= 35 * MINUTE_MS) return 2 * HOUR_MS;
  if (silenceMs <= 155 * MINUTE_MS) return 5 * HOUR_MS;
  return 10 * HOUR_MS;
}

/** The longest that `senderRetryMs` answers. */
export const LONGEST_RETRY_MS = 10 * HOUR_MS;
