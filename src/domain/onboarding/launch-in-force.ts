import { decidesAs } from '../core.js';
import { phaseIndex } from '../policy/phases.js';
import type { Policy } from '../policy/policy.js';
import { HOUR_MS, MINUTE_MS } from '../time/duration.js';
import type { History, PhaseStay } from './history.js';
import type { OnboardingState } from './state.js';

/** A move back that is put right within this was a slip of the hand, and took no launch back. */
const SLIP_MS = HOUR_MS;

/**
 * The launch that counts: the first, or, where a move to an earlier phase took that back, the first one after. Null while
 * none does; reaching the phase again is none, since an onboarding stands in it before its launch too.
 */
export function launchInForce(state: Pick<OnboardingState, 'core'>, history: History, policy: Policy): number | null {
  let launch = history.launchedAt;
  if (!decidesAs(state, 3)) return launch !== null && isStillBack(history, policy, launch) ? null : launch;
  while (launch !== null) {
    const back = takenBackAt(history, policy, launch);
    if (back === null) return launch;
    launch = history.relaunches?.find((at) => at > back) ?? null;
  }
  return null;
}

function takenBackAt(history: History, policy: Policy, launch: number): number | null {
  const limit = indexHeldAt(history, policy, launch);
  const isSlip = (back: PhaseStay) =>
    history.phases.some(
      ({ from, phase }) => from > back.from && from <= back.from + SLIP_MS && phaseIndex(policy, phase) >= limit,
    );
  return movesBack(history, policy, launch).find((stay) => !isSlip(stay))?.from ?? null;
}

/** As cores before the third have it: only while it is still in an earlier phase. */
function isStillBack(history: History, policy: Policy, launch: number): boolean {
  const now = history.phases.at(-1);
  const moved = movesBack(history, policy, launch).length > 0;
  return moved && now !== undefined && phaseIndex(policy, now.phase) < indexHeldAt(history, policy, launch);
}

/** Explicit moves, more than a minute after `end`, into a phase before the one held at `end`, oldest first. */
export function movesBack(history: History, policy: Policy, end: number): readonly PhaseStay[] {
  const limit = indexHeldAt(history, policy, end);
  return history.phases.filter(
    (stay) => stay.from > end + MINUTE_MS && !stay.atLeast && phaseIndex(policy, stay.phase) < limit,
  );
}

/** What the sender says within a minute is part of the same act: the phase it left the onboarding in counts. */
function indexHeldAt(history: History, policy: Policy, end: number): number {
  const held = history.phases.findLast((stay) => stay.from <= end + MINUTE_MS) ?? history.phases[0];
  return held ? phaseIndex(policy, held.phase) : -1;
}
