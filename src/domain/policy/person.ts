import type { Person, Policy } from './policy.js';

/** The person a record, a command or the policy means by a word: an id, else an e-mail address, else a Pivotal id. */
export function findPerson(policy: Policy, word: string): Person | undefined {
  const address = word.toLowerCase();
  return (
    policy.people.find((person) => person.id === word) ??
    policy.people.find((person) => person.emails.includes(address)) ??
    policy.people.find((person) => person.pivotalIds.includes(word))
  );
}
