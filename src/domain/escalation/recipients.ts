import { decidesAs } from '../core.js';
import type { RecordRole } from '../onboarding/history.js';
import type { Situation } from '../onboarding/situation.js';
import { findPerson } from '../policy/person.js';
import type { Person, Policy } from '../policy/policy.js';
import type { Escalation } from './escalation.js';

/** Whom a level names: people, channels that are addressed themselves, and words that lead to nobody. */
export interface Named {
  readonly people: readonly Person[];
  readonly channels: readonly string[];
  readonly unknown: readonly string[];
}

/** Resolves roles of the record, roles of the policy, person ids and channel names; each person once. */
export function nameRecipients(s: Situation, escalation: Escalation, to: readonly string[]): Named {
  const people: Person[] = [];
  const channels: string[] = [];
  const unknown: string[] = [];
  for (const word of to) {
    const person = personFor(s, escalation, word);
    if (person) {
      if (!people.some((one) => one.id === person.id)) people.push(person);
    } else if (Object.hasOwn(s.policy.channels, word)) channels.push(word);
    else unknown.push(word);
  }
  return { people, channels, unknown };
}

/** The escalation's owner: by `reassign`, else the record's. */
export function ownerOf(s: Situation, escalation: Escalation): Person | null {
  return escalation.assigned ? asOfNow(s, escalation.assigned) : recordOwner(s);
}

/**
 * A person who came with an action, as the policy knows them by now: time off, channels and manager may have changed
 * since. Who is in the policy no more stays as they were.
 */
export function asOfNow(s: Situation, person: Person): Person {
  return (decidesAs(s.state, 2) && findPerson(s.policy, person.id)) || person;
}

/** The record's owner, else its CSM, as a person; null where the record names nobody that can be found. */
export function recordOwner(s: Situation): Person | null {
  const word = s.history.roles.owner ?? s.history.roles.csm;
  return word ? personNamed(s.policy, word) : null;
}

function personFor(s: Situation, escalation: Escalation, word: string): Person | null {
  if (word === 'owner') return ownerOf(s, escalation);
  if (word === 'manager') {
    const manager = ownerOf(s, escalation)?.manager;
    return manager ? (findPerson(s.policy, manager) ?? null) : null;
  }
  if (isRecordRole(word)) {
    const named = s.history.roles[word];
    return named ? personNamed(s.policy, named) : null;
  }
  const role = Object.hasOwn(s.policy.roles, word) ? s.policy.roles[word] : undefined;
  return findPerson(s.policy, role ?? word) ?? null;
}

const isRecordRole = (word: string): word is RecordRole => ['csm', 'se', 'designer', 'product_ops'].includes(word);

/** A person of the policy; an unknown e-mail is a person with that address and the workspace calendar. */
export function personNamed(policy: Policy, word: string): Person | null {
  const known = findPerson(policy, word);
  if (known) return known;
  if (!word.includes('@')) return null;
  const channels = Object.keys(policy.channels).filter((name) => policy.channels[name] === 'email');
  return {
    id: word,
    name: word,
    emails: [word],
    pivotalIds: [],
    calendar: policy.workspace.calendar,
    channels,
    timeOff: [],
  };
}
