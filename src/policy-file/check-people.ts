import type { Path, Problem } from './problem.js';
import type { PolicyDocument } from './schema.js';

type Person = PolicyDocument['people'][number];
type TimeOff = Person['time_off'][number];

/** That people can be told apart and reached, and that nobody stands in for or manages themselves by a detour. */
export function checkPeople(document: PolicyDocument): Problem[] {
  const { people } = document;
  return [
    ...checkWords(people),
    ...people.flatMap((person, i) => [
      ...checkReach(document, person, ['people', i]),
      ...checkManagers(people, person, ['people', i, 'manager']),
      ...person.time_off.flatMap((_, k) => checkTimeOff(people, person, k, ['people', i, 'time_off', k])),
    ]),
  ];
}

/** Ids, addresses and Pivotal ids are looked up alike, so no word may belong to two people. */
function checkWords(people: readonly Person[]): Problem[] {
  const owner = new Map<string, number>();
  return people.flatMap((person, i) => {
    const words: [string, Path][] = [
      [person.id, ['people', i, 'id']],
      ...person.emails.map((word, k): [string, Path] => [word, ['people', i, 'emails', k]]),
      ...person.pivotal_ids.map((word, k): [string, Path] => [word, ['people', i, 'pivotal_ids', k]]),
    ];
    return words.flatMap(([word, path]) => {
      const first = owner.get(word);
      if (first === undefined) owner.set(word, i);
      if (first === undefined || first === i) return [];
      const message = `"${word}" belongs to "${people[first]?.id}" already, and could mean only one person: remove it from one of them.`;
      return [{ path, message }];
    });
  });
}

function checkReach(document: PolicyDocument, person: Person, path: Path): Problem[] {
  if (person.emails.length > 0) return [];
  return (person.channels ?? []).flatMap((channel, i) => {
    if (document.channels[channel]?.type !== 'email') return [];
    return [
      {
        path: [...path, 'channels', i],
        message: `"${person.id}" has no e-mail address for the channel "${channel}": add one under emails.`,
      },
    ];
  });
}

function checkManagers(people: readonly Person[], person: Person, path: Path): Problem[] {
  const chain = [person.id];
  for (let next = person.manager; next !== undefined; next = byId(people, next)?.manager) {
    // Reported once, at the member of the circle that comes first in the file.
    if (next === person.id) return first(people, chain) === person.id ? [circle(chain, 'manages', path)] : [];
    if (chain.includes(next)) return [];
    chain.push(next);
  }
  return [];
}

function circle(chain: readonly string[], verb: string, path: Path): Problem {
  if (chain.length === 1)
    return {
      path,
      message: `"${chain[0]}" ${verb} themselves, so a ladder would lead nowhere: name another person or leave it out.`,
    };
  const way = [...chain, chain[0]].join(' → ');
  return {
    path,
    message: `These people form a circle (${way}), so a ladder would lead nowhere: one of them needs another person here, or none.`,
  };
}

function checkTimeOff(people: readonly Person[], person: Person, index: number, path: Path): Problem[] {
  const away = person.time_off[index] as TimeOff;
  if (away.to < away.from) {
    return [
      {
        path: [...path, 'to'],
        message: `to (${away.to}) lies before from (${away.from}): exchange them. Both days count as away.`,
      },
    ];
  }
  const problems: Problem[] = [];
  if (person.time_off.slice(0, index).some((other) => overlap(other, away) !== null)) {
    problems.push({
      path,
      message: `These days overlap other days off of "${person.id}", so it would not be clear who stands in: join the two or make them follow each other.`,
    });
  }
  const chain = delegateCircle(people, person.id, away, [person.id]);
  if (chain && first(people, chain) === person.id) problems.push(circle(chain, 'stands in for', [...path, 'delegate']));
  return problems;
}

interface Days {
  readonly from: string;
  readonly to: string;
}

/** The people who stand in for each other on one and the same day, beginning and ending with `start`. */
function delegateCircle(
  people: readonly Person[],
  start: string,
  away: TimeOff,
  chain: readonly string[],
): readonly string[] | null {
  const { delegate } = away;
  if (delegate === undefined) return null;
  if (delegate === start) return chain;
  if (chain.includes(delegate)) return null;
  for (const next of byId(people, delegate)?.time_off ?? []) {
    const days = overlap(away, next);
    const found = days && delegateCircle(people, start, { ...next, ...days }, [...chain, delegate]);
    if (found) return found;
  }
  return null;
}

function overlap(a: Days, b: Days): Days | null {
  const from = a.from > b.from ? a.from : b.from;
  const to = a.to < b.to ? a.to : b.to;
  return from <= to ? { from, to } : null;
}

function byId(people: readonly Person[], id: string): Person | undefined {
  return people.find((person) => person.id === id);
}

function first(people: readonly Person[], ids: readonly string[]): string | undefined {
  return people.find((person) => ids.includes(person.id))?.id;
}
