import type { Fact } from '../event/fact.js';
import type { Policy } from '../policy/policy.js';
import type { Clock } from '../time/clock.js';
import { endedHolds } from './customer-hold.js';
import { receive } from './life.js';
import { isOver, lifeOf } from './lifecycle.js';
import { record } from './record.js';
import { historyOf } from './situation.js';
import type { OnboardingState } from './state.js';

/**
 * Whether events that reached a closed onboarding bring it back, or are merely late (design section 3, "Reopen"). Judged
 * by the policy in force, which names the phases as the sender does by now; where by that one it never ended, by the
 * policy of its close, since a publish alone reopens nothing.
 */
export function isReopen(final: OnboardingState, facts: readonly Fact[], inForce = final.policy): boolean {
  const lifeBy = (state: OnboardingState, policy: Policy) => lifeOf(state, historyOf(state), policy);
  const policy = [inForce, final.policy].find((one) => one !== null && isOver(lifeBy(final, one)));
  if (!policy || facts.length === 0) return false;
  return !isOver(lifeBy(receive(final, facts, final.startedAt), policy));
}

/** The state a new run starts from: the stored final one, open again. Its events arrive by signal, as any others. */
export function reopen(final: OnboardingState, facts: readonly Fact[], clock: Clock, now: number): OnboardingState {
  const opened = {
    ...final,
    clock,
    closed: null,
    endedAt: null,
    linkedTo: null,
    // The customer tells whoever links what holds of it now, and where nothing holds it says nothing.
    customer: null,
    customerHolds: endedHolds(final.customerHolds, now),
    policyAnnounced: final.policy?.hash ?? null,
  };
  return record(opened, now, { kind: 'reopened', events: facts.map((fact) => fact.id) }, 'Reopened.');
}
