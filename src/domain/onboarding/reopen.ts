import type { Fact } from '../event/fact.js';
import type { Clock } from '../time/clock.js';
import { endedHolds } from './customer-hold.js';
import { receive } from './life.js';
import { bringsBack, lifeOf } from './lifecycle.js';
import { record } from './record.js';
import { historyOf } from './situation.js';
import type { OnboardingState } from './state.js';

/** Whether events that reached a closed onboarding bring it back, or are merely late (design section 3, "Reopen"). */
export function isReopen(final: OnboardingState, facts: readonly Fact[]): boolean {
  if (!final.policy) return false;
  const after = receive(final, facts, final.startedAt);
  const before = lifeOf(final, historyOf(final), final.policy);
  return bringsBack(before, lifeOf(after, historyOf(after), final.policy), facts);
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
