import type { Actor } from '../domain/escalation/escalation.js';
import { findPerson } from '../domain/policy/person.js';
import type { Person, Policy } from '../domain/policy/policy.js';
import { Problem } from './problem.js';

/**
 * Who acts. A name the policy does not know may act all the same (somebody must be able to stop a chase); it is
 * recorded as it was given, and when its acknowledge expires the level's recipients are chased instead.
 */
export function resolveActor(policy: Policy | undefined, by: string): Actor {
  const person = policy && findPerson(policy, by);
  return person ? { id: person.id, name: person.name, person } : { id: by, name: by };
}

/** Whom an escalation is given to: must be somebody who can be reached. */
export function resolveAssignee(policy: Policy | undefined, to: string): Person {
  const person = policy && findPerson(policy, to);
  if (person) return person;
  const known = (policy?.people ?? []).map((one) => one.id).slice(0, 20);
  const hint = known.length > 0 ? `one of ${known.join(', ')}` : 'somebody once `people` of slipway.yaml names anyone';
  throw new Problem('UnknownPerson', `Nobody under \`people\` is ${JSON.stringify(to)}; give ${hint}.`, {
    field: 'to',
  });
}
