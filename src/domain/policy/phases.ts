import type { PhasePolicy, Policy } from './policy.js';

/** The phase's thresholds; one that the policy does not name has the defaults. */
export function phasePolicy(policy: Policy, phase: string): PhasePolicy {
  return policy.phases.find((one) => one.name === phase) ?? { name: phase, ...policy.defaultPhase };
}

/**
 * Where a phase stands in the life cycle. Unknown phases count as appended after the known ones, so that a phase an
 * admin adds never looks like a step back.
 */
export function phaseIndex(policy: Policy, phase: string): number {
  const index = policy.phases.findIndex((one) => one.name === phase);
  return index < 0 ? policy.phases.length : index;
}
