import { decidesAs } from '../core.js';
import type { CustomerFlagName } from '../customer/standing.js';
import type { Situation } from '../onboarding/situation.js';
import { type Finding, none } from './rule.js';

/**
 * A flag of the customer, as seen by the one onboarding that carries it; its escalation names the others. The
 * customer's workflow chooses the carrier, so that one flag never chases the same owner once per onboarding.
 */
export function lookAtCustomer(s: Situation, names: readonly CustomerFlagName[], headline: string): Finding {
  const standing = s.state.customer;
  const flags = standing?.flags.filter((flag) => names.includes(flag.name)) ?? [];
  const [first] = flags;
  if (!standing || !first) return none('The customer has no such flag.');
  const carried = flags.filter((flag) => standing.carriers[flag.name] === s.state.key.id);
  if (!carried.length) {
    const others = new Set(flags.map((flag) => standing.carriers[flag.name]).filter((id) => id !== undefined));
    const who = others.size > 0 ? `It is ${[...others].join(', ')}.` : undefined;
    return none('Another onboarding of the customer carries it.', who);
  }
  const since = Math.min(...carried.map((flag) => flag.since));
  const others = standing.others.length ? [`also open: ${standing.others.join(', ')}`] : [];
  return {
    condition: {
      // Flags beyond the first: one flag weighs what it always did, so that no resolve of before gives way to it.
      episode: { subject: '', since, weight: decidesAs(s.state, 3) ? carried.length - 1 : 0 },
      dueAt: since,
      headline,
      reason: carried.map((flag) => flag.reason).join('; '),
      evidence: [...carried.map((flag) => `${flag.name} since ${new Date(flag.since).toISOString()}`), ...others],
    },
  };
}
