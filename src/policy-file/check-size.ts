import { cutPolicy } from '../domain/policy/cut.js';
import type { Person, Policy } from '../domain/policy/policy.js';
import type { Problem } from './problem.js';

/**
 * Bytes of JSON that one onboarding may keep of a policy: half of what its state may have beside it. The policy that
 * ships takes 3 kB, one with the holidays of a country 4 to 5, and every further calendar with holidays 1.3.
 */
export const MOST_BYTES = 32_000;
/** A record names an owner, a CSM, a solution engineer, a designer and somebody of product operations. */
const NAMED = 5;

/** That no onboarding has to carry more of the policy than its workflow should, whoever its record names. */
export function checkSize(policy: Policy): Problem[] {
  const cut = cutPolicy(policy, heaviest(policy));
  const bytes = sizeOf(cut);
  if (bytes <= MOST_BYTES) return [];
  const parts = Object.entries(cut)
    .map(([name, part]) => ({ name, bytes: sizeOf(part) }))
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, 2);
  const large = parts.map((part) => `${part.name} (${kilo(part.bytes)})`).join(' and ');
  const message = `One onboarding could have to carry ${kilo(bytes)} of this policy, and ${kilo(MOST_BYTES)} are the most. The largest parts are ${large}: take out what is not needed any more, such as days off that are over or people whom ladders need not name.`;
  return [{ path: [parts[0]?.name ?? ''], message }];
}

/** The people who bring most into a cut, with everybody above them or standing in, and all of their calendars. */
function heaviest(policy: Policy): readonly string[] {
  const byId = new Map(policy.people.map((person) => [person.id, person]));
  const calendars = new Map(Object.entries(policy.calendars).map(([name, calendar]) => [name, sizeOf(calendar)]));
  const weigh = (person: Person): number => {
    const chain = chainOf(person, byId);
    const used = new Set(chain.map(({ calendar }) => calendar));
    return (
      chain.reduce((sum, one) => sum + sizeOf(one), 0) +
      [...used].reduce((sum, name) => sum + (calendars.get(name) ?? 0), 0)
    );
  };
  return policy.people
    .map((person) => ({ id: person.id, weight: weigh(person) }))
    .sort((a, b) => b.weight - a.weight)
    .slice(0, NAMED)
    .map(({ id }) => id);
}

function chainOf(person: Person, byId: ReadonlyMap<string, Person>): readonly Person[] {
  const met = new Set<Person>([person]);
  for (const one of met)
    for (const id of [one.manager, ...one.timeOff.map(({ delegate }) => delegate)]) {
      const next = id === undefined ? undefined : byId.get(id);
      if (next) met.add(next);
    }
  return [...met];
}

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
const kilo = (bytes: number): string => `${Math.ceil(bytes / 1000)} kB`;
