import type { RuleName } from '../policy/policy.js';
import { MINUTE_MS } from '../time/duration.js';
import { foldCustomer } from './fold-customer.js';
import type { CustomerHistory } from './history.js';
import type { CustomerFlag, CustomerFlagName } from './standing.js';
import type { CustomerState } from './state.js';

export type CustomerRule = Extract<RuleName, 'customer_at_risk' | 'customer_churned'>;

/** Which flags a rule chases; all flags of a rule share one carrier. */
export const FLAGS_OF: Readonly<Record<CustomerRule, readonly CustomerFlagName[]>> = {
  customer_at_risk: ['at_risk', 'health_dropped'],
  customer_churned: ['churned', 'archived'],
};

const NAMES: readonly CustomerFlagName[] = ['at_risk', 'health_dropped', 'churned', 'archived'];

export function historyOfCustomer(state: CustomerState): CustomerHistory {
  return foldCustomer(state.base, state.facts);
}

/**
 * The flags that are set: by an event, or by a record that began to say so, later than the last denial; a record that
 * goes on repeating it sets nothing again. `since` is the first such telling.
 */
export function flagsOf(history: CustomerHistory, denied: CustomerState['denied']): readonly CustomerFlag[] {
  return NAMES.flatMap((name) => {
    const set = history.flags[name].sets.find(({ at }) => at > (denied[name] ?? -1));
    return set ? [{ name, since: set.at, reason: set.reason }] : [];
  });
}

/** These flags count as off until something later than `at` sets them. */
export function withDenied(state: CustomerState, names: readonly CustomerFlagName[], at: number): CustomerState {
  const denied = { ...state.denied };
  for (const name of names) denied[name] = Math.max(denied[name] ?? -1, at);
  return { ...state, denied };
}

/**
 * The holds that an onboarding's active state or phase move at `at` ends: those set more than a minute before, since the
 * sender also pauses every onboarding on a churn, in any order.
 */
export function endedByRevival(state: CustomerState, at: number): readonly CustomerFlagName[] {
  const history = historyOfCustomer(state);
  const held = new Set(flagsOf(history, state.denied).map((flag) => flag.name));
  return FLAGS_OF.customer_churned.filter((name) => {
    const latest = history.flags[name].sets.at(-1);
    return held.has(name) && latest !== undefined && at > latest.at + MINUTE_MS;
  });
}
