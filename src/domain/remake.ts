import type { CustomerStanding } from './customer/standing.js';
import { act } from './escalation/act.js';
import type { Action } from './escalation/action.js';
import type { Escalation } from './escalation/escalation.js';
import type { Fact } from './event/fact.js';
import { beginAnew, type CarriedOver } from './onboarding/begin-anew.js';
import { hearCustomer, receive } from './onboarding/life.js';
import { record as entered } from './onboarding/record.js';
import type { OnboardingState } from './onboarding/state.js';
import { rebuild, type Record } from './why.js';

/** What reached the workflow, or was on its way to it, and is not in the decision log. */
export interface Unlogged {
  readonly facts: readonly Fact[];
  /** Oldest first. */
  readonly told: readonly Told[];
}

/** What a person asked for and was told is done, or what the customer's workflow said. Virtual epoch ms. */
export type Told = { readonly at: number } & ({ readonly action: Action } | { readonly standing: CustomerStanding });

/**
 * The state of an onboarding from archive and decision log alone, and from what those do not hold yet: what the code of
 * today makes of everything that was heard. Nothing of what its workflow believes goes into it.
 */
export function remake(record: Record, { facts, told }: Unlogged, now: number): OnboardingState {
  const last = record.log.at(-1);
  let state: OnboardingState = {
    ...rebuild(record, Number.POSITIVE_INFINITY),
    nextLogSeq: (last?.seq ?? 0) + 1,
  };
  for (const one of told) {
    const at = Math.max(one.at, last?.at ?? one.at);
    state = 'action' in one ? act(state, one.action, at) : hearCustomer(state, one.standing, at);
  }
  return facts.length > 0 ? receive(state, facts, now) : state;
}

/** Every escalation there ever was, as it last stood, also those that the state has let go of. */
export function everyEscalation(
  record: Record,
): ReadonlyMap<string, { state: OnboardingState; escalation: Escalation }> {
  const found = new Map<string, { state: OnboardingState; escalation: Escalation }>();
  rebuild(record, Number.POSITIVE_INFINITY, (state) => {
    for (const escalation of state.escalations) found.set(escalation.id, { state, escalation });
  });
  return found;
}

/** The remade state as a fresh run begins with it, with a dated entry that says so and why. */
export function begunAnew(state: OnboardingState, carried: CarriedOver, why: string, now: number): OnboardingState {
  const at = Math.max(now, state.log.at(-1)?.at ?? now);
  const { nextEscalation, duplicates } = carried;
  return beginAnew(entered(state, at, { kind: 'rebuilt', nextEscalation, duplicates }, why), carried, at);
}
