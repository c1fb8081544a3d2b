import { decidesAs } from '../core.js';
import { historyOf } from './situation.js';
import type { OnboardingState } from './state.js';

type CustomerHolds = OnboardingState['customerHolds'];

/** The spells in which the customer was lost, the last one ended at `now` where it was still open. */
export function endedHolds(holds: CustomerHolds, now: number): CustomerHolds {
  const open = holds.at(-1);
  if (!open || open.to !== null) return holds;
  return [...holds.slice(0, -1), { from: open.from, to: Math.max(now, open.from) }];
}

/**
 * What the former customer's workflow said holds no longer where the record names another customer by now, or none. A
 * standing has the version of its own customer: kept, it would outlive that one's flags, and the first words of the new
 * one would be taken for older.
 */
export function withoutFormerCustomer(state: OnboardingState, now: number): OnboardingState {
  const { linkedTo, customer } = state;
  if (!decidesAs(state, 2) || customer === null || linkedTo === null) return state;
  if (historyOf(state).customerId === linkedTo) return state;
  return { ...state, customer: null, customerHolds: endedHolds(state.customerHolds, now) };
}
