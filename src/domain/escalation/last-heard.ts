import type { Situation } from '../onboarding/situation.js';

/**
 * Nothing falls due before it was heard of. A backlog that is replayed today falls due today, or the gate, which holds
 * a send for twelve hours after its due instant at most, would let weeks-old states through. What the customer said is
 * in the log of this turn.
 */
export function lastHeardAt({ state }: Situation): number {
  const heard = state.facts.reduce((latest, fact) => Math.max(latest, fact.heardAt), 0);
  return state.log.reduce((latest, { what, at }) => (what.kind === 'customer' ? Math.max(latest, at) : latest), heard);
}
