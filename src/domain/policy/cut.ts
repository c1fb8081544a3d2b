import { findPerson } from './person.js';
import type { Person, Policy } from './policy.js';

/**
 * The policy as one onboarding can need it (design section 4): everything, but of people only those whom its ladders,
 * roles and fallback name, those whom `names` mean (ids, e-mail addresses, Pivotal ids), and whoever manages or stands
 * in for one of them, however far; and of calendars only theirs and the workspace's. Names that mean nobody are
 * ignored. The hash stays that of the whole.
 */
export function cutPolicy(policy: Policy, names: readonly string[]): Policy {
  const people = reachedFrom(policy, [...names, ...ownNames(policy)]);
  const used = new Set([policy.workspace.calendar, ...people.map((person) => person.calendar)]);
  const calendars = Object.entries(policy.calendars).filter(([name]) => used.has(name));
  return { ...policy, people, calendars: Object.fromEntries(calendars) };
}

function ownNames(policy: Policy): string[] {
  const levels = Object.values(policy.ladders).flat();
  return [...Object.values(policy.roles), ...levels.flatMap((level) => level.to), ...policy.fallback.to];
}

/** In the order of the policy, so that a cut does not depend on the order of the names. */
function reachedFrom(policy: Policy, names: readonly string[]): Person[] {
  const reached = new Set<Person>();
  const waiting = [...names];
  for (let word = waiting.pop(); word !== undefined; word = waiting.pop()) {
    const person = findPerson(policy, word);
    if (!person || reached.has(person)) continue;
    reached.add(person);
    if (person.manager !== undefined) waiting.push(person.manager);
    for (const away of person.timeOff) if (away.delegate !== undefined) waiting.push(away.delegate);
  }
  return policy.people.filter((person) => reached.has(person));
}
