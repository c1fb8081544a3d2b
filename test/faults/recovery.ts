import type { Recovery } from './era.js';
import type { FaultName } from './plan.js';

interface Limits {
  readonly signalledMs: number;
  readonly appliedMs: number;
}

/** A task that was cut off is given out again after 10 s, and a message after the limit of its call. Real ms. */
const AFTER_A_KILL: Limits = { signalledMs: 5_000, appliedMs: 25_000 };
/** A worker may sleep for 10 s between two tries to reach a server that was away: the SDK's own, which cannot be set. */
const AFTER_AN_OUTAGE: Limits = { signalledMs: 5_000, appliedMs: 15_000 };
/** A worker takes 45 s to see that a silent connection is dead: the SDK's own too. */
const AFTER_A_SILENCE: Limits = { signalledMs: 25_000, appliedMs: 65_000 };

function limitsOf(fault: FaultName): Limits {
  if (fault === 'temporal_half_open') return AFTER_A_SILENCE;
  const isAway = fault.startsWith('temporal_') && fault !== 'temporal_killed';
  return isAway ? AFTER_AN_OUTAGE : AFTER_A_KILL;
}

/** A machine that is busy with something else takes longer for everything, a recovery too. */
const TIMES_CALM = 10;

/**
 * What took longer than it may, counted from when all processes were ready again, beyond ten times what the way takes
 * while nothing is broken. Empty where all was in time.
 */
export function tooSlow(fault: FaultName, found: Recovery, calm: Recovery): readonly string[] {
  const limits = limitsOf(fault);
  const late = (what: string, tookMs: number, usualMs: number, mostMs: number): string[] => {
    const sinceReadyMs = tookMs - found.readyMs;
    if (sinceReadyMs <= mostMs + TIMES_CALM * usualMs) return [];
    const usually = `${seconds(mostMs)} are allowed beside the ${seconds(usualMs)} that it takes anyway`;
    return [`an event was ${what} ${seconds(sinceReadyMs)} after all was ready, ${usually}`];
  };
  return [
    ...late('signalled', found.signalledMs, calm.signalledMs, limits.signalledMs),
    ...late('applied', found.appliedMs, calm.appliedMs, limits.appliedMs),
  ];
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
