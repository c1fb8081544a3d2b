import type { Fact } from '../event/fact.js';
import { phaseIndex } from '../policy/phases.js';
import type { Policy } from '../policy/policy.js';
import { meaningOf } from '../policy/states.js';
import { MINUTE_MS } from '../time/duration.js';
import type { History, PhaseStay } from './history.js';
import type { OnboardingState } from './state.js';

export type Life = 'running' | 'launched' | 'completed' | 'closed';

/**
 * Where an onboarding is in its life. The sender speaks `completed`, `phase_changed` and `state_changed` about one act,
 * in any order: so only a move to an earlier phase, or a change of the state to active, later than the end, brings an
 * onboarding back (design section 3, "Reopen").
 */
export function lifeOf(state: OnboardingState, history: History, policy: Policy): Life {
  if (state.closed && !revivedAfter(history, policy, state.closed.at)) return 'closed';
  if (endedByState(history, policy)) return 'closed';
  const completedAt = completionOf(history, policy);
  if (completedAt !== null && reopenedAfter(history, policy, completedAt) === null) return 'completed';
  if (history.launchedAt !== null && !sentBackAfter(history, policy, history.launchedAt)) return 'launched';
  return 'running';
}

/** The last completion: told by the sender's own words, or by a state that the policy reads as completed. */
export function completionOf(history: History, policy: Policy): number | null {
  const last = history.states.at(-1);
  const byState = last && meaningOf(policy, last.state) === 'completed' ? last.from : null;
  if (history.completedAt === null || byState === null) return history.completedAt ?? byState;
  return Math.max(history.completedAt, byState);
}

function reopenedAfter(history: History, policy: Policy, end: number): number | null {
  const activated = history.states.find(
    (value) => value.from > end && value.moved && meaningOf(policy, value.state) === 'active',
  )?.from;
  const sentBack = sentBackAfter(history, policy, end, true);
  if (activated === undefined) return sentBack;
  return sentBack === null ? activated : Math.min(activated, sentBack);
}

/** An explicit move, more than a minute after `end`, into a phase before the one held at `end`, and still there or earlier. */
function sentBackAfter(history: History, policy: Policy, end: number, mustBeActive = false): number | null {
  // What the sender says within a minute is part of the same act: the phase it left the onboarding in counts.
  const held = phaseAt(history, end + MINUTE_MS);
  if (!held) return null;
  const limit = phaseIndex(policy, held.phase);
  for (const stay of history.phases) {
    if (stay.from <= end + MINUTE_MS || stay.atLeast || phaseIndex(policy, stay.phase) >= limit) continue;
    if (mustBeActive && stateAt(history, policy, stay.from) === 'completed') continue;
    const later = history.phases.findLast((other) => other.from >= stay.from) as PhaseStay;
    if (mustBeActive || phaseIndex(policy, later.phase) < limit) return stay.from;
  }
  return null;
}

/** After a person closed it, any later phase move or active state brings it back. */
function revivedAfter(history: History, policy: Policy, closedAt: number): boolean {
  return (
    history.phases.some((stay) => stay.from > closedAt && !stay.atLeast) ||
    history.states.some((value) => value.from > closedAt && value.moved && meaningOf(policy, value.state) === 'active')
  );
}

function endedByState(history: History, policy: Policy): boolean {
  const last = history.states.at(-1);
  return last !== undefined && meaningOf(policy, last.state) === 'closed';
}

function phaseAt(history: History, at: number): PhaseStay | undefined {
  return history.phases.findLast((stay) => stay.from <= at) ?? history.phases[0];
}

function stateAt(history: History, policy: Policy, at: number) {
  const value = history.states.findLast((one) => one.from <= at);
  return value ? meaningOf(policy, value.state) : 'active';
}

/** True where these late facts bring a closed onboarding back: the caller folds them onto the final state to see. */
export function bringsBack(before: Life, after: Life, facts: readonly Fact[]): boolean {
  const ended = (life: Life) => life === 'completed' || life === 'closed';
  return facts.length > 0 && ended(before) && !ended(after);
}
