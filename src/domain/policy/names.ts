import { decidesAs } from '../core.js';
import { historyOf } from '../onboarding/situation.js';
import type { OnboardingState } from '../onboarding/state.js';

/**
 * The names a new cut of the policy must hold before the next decision, or null where the one at hand will do. The
 * first turn, a publish, and a record that names a new person need one.
 */
export function needsPolicy(state: OnboardingState): readonly string[] | null {
  const names = namesOf(state);
  const known = new Set(state.policyNames);
  const fresh = state.policy === null || state.policyAnnounced !== null || names.some((name) => !known.has(name));
  return fresh ? [...new Set([...state.policyNames.slice(-20), ...names])] : null;
}

function namesOf(state: OnboardingState): readonly string[] {
  const { roles } = historyOf(state);
  const assigned = state.escalations.flatMap((one) => (one.assigned ? [one.assigned.id] : []));
  // Who acknowledged is asked again when that expires, in their own hours.
  const ackers = state.escalations.map((one) => one.acknowledged?.by.person?.id).filter((id) => id !== undefined);
  if (decidesAs(state, 2)) assigned.push(...ackers);
  return [...Object.values(roles).filter((name): name is string => Boolean(name)), ...assigned];
}
