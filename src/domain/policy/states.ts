import type { Policy, StateMeaning } from './policy.js';

/** The words that Pivotal's own pages use, over all three of its vocabularies. */
const BUILT_IN: Readonly<Record<string, StateMeaning>> = {
  active: 'active',
  at_risk: 'active',
  paused: 'paused',
  waiting: 'waiting',
  blocked: 'blocked',
  completed: 'completed',
  done: 'completed',
};

/** What a state of a record means to the clocks; an unknown one runs until the policy maps it. */
export function meaningOf(policy: Policy, state: string): StateMeaning {
  const own = Object.hasOwn(policy.states, state) ? policy.states[state] : undefined;
  return own ?? (Object.hasOwn(BUILT_IN, state) ? BUILT_IN[state] : undefined) ?? 'active';
}

export function isMapped(policy: Policy, state: string): boolean {
  return Object.hasOwn(policy.states, state) || Object.hasOwn(BUILT_IN, state);
}
