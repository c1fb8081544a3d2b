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
 * What the former customer's workflow said holds no longer once the record names another customer, or none. A standing
 * has the version of its own customer: kept, it would outlive that one's flags, and the first words of the new one would
 * be taken for older. Part of taking in the events that say so, so that archive and log alone tell it again.
 */
export function withoutFormerCustomer(before: OnboardingState, after: OnboardingState, now: number): OnboardingState {
  if (!decidesAs(after, 2)) return after;
  const former = historyOf(before).customerId;
  if (former === null || historyOf(after).customerId === former) return after;
  return { ...after, customer: null, customerHolds: endedHolds(after.customerHolds, now) };
}
