import type { Policy } from '../policy/policy.js';
import { meaningOf } from '../policy/states.js';
import type { History } from './history.js';
import { launchInForce, movesBack } from './launch-in-force.js';
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
  return livedThrough(state, history, policy);
}

/** The same, whether or not it was closed: how far it had come. */
export function livedThrough(state: OnboardingState, history: History, policy: Policy): Exclude<Life, 'closed'> {
  const completedAt = completionOf(history, policy);
  if (completedAt !== null && reopenedAfter(history, policy, completedAt) === null) return 'completed';
  return launchInForce(state, history, policy) === null ? 'running' : 'launched';
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
  const sentBack = movesBack(history, policy, end).find(
    (stay) => stateAt(history, policy, stay.from) !== 'completed',
  )?.from;
  if (activated === undefined || sentBack === undefined) return activated ?? sentBack ?? null;
  return Math.min(activated, sentBack);
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

function stateAt(history: History, policy: Policy, at: number) {
  const value = history.states.findLast((one) => one.from <= at);
  return value ? meaningOf(policy, value.state) : 'active';
}

/** Nothing is expected of it any more; only what brings it back is more than late. */
export const isOver = (life: Life): boolean => life === 'completed' || life === 'closed';
