import { type Declared, RECORD_ROLES } from './declared.js';
import { didYouMean, oneOf } from './did-you-mean.js';
import type { Path, Problem } from './problem.js';
import type { PolicyDocument } from './schema.js';

/** That every name in the file leads somewhere. Whether people fit together is checked in `check-people.ts`. */
export function checkNames(document: PolicyDocument, declared: Declared): Problem[] {
  return [
    ...checkWorkspace(document, declared),
    ...document.people.flatMap((person, i) => checkPerson(person, ['people', i], declared)),
    ...Object.entries(document.roles).flatMap(([role, person]) =>
      refer(person, declared.people, 'person', ['roles', role]),
    ),
    ...checkLadders(document, declared),
    ...Object.entries(document.rules).flatMap(([rule, settings]) =>
      settings === 'off' ? [] : refer(settings.ladder, declared.ladders, 'ladder', ['rules', rule, 'ladder']),
    ),
    ...recipients(document.fallback.to, ['fallback', 'to'], declared),
    ...channels(document.fallback.channels, ['fallback', 'channels'], declared),
    ...checkPhases(document),
    ...checkOneMeaning(document, declared),
  ];
}

function checkWorkspace(document: PolicyDocument, declared: Declared): Problem[] {
  const { calendar } = document.workspace;
  if (calendar !== undefined) return refer(calendar, declared.calendars, 'calendar', ['workspace', 'calendar']);
  const own = Object.keys(document.calendars);
  if (own.length < 2 || own.includes('office')) return [];
  const message = `calendar is missing: the file defines several, so write which one the rules count in: ${oneOf(own)}.`;
  return [{ path: ['workspace', 'calendar'], message }];
}

function checkPerson(person: PolicyDocument['people'][number], path: Path, declared: Declared): Problem[] {
  const { manager, calendar, time_off } = person;
  return [
    ...(manager === undefined ? [] : refer(manager, declared.people, 'person', [...path, 'manager'])),
    ...(calendar === undefined ? [] : refer(calendar, declared.calendars, 'calendar', [...path, 'calendar'])),
    ...channels(person.channels ?? [], [...path, 'channels'], declared),
    ...time_off.flatMap(({ delegate }, i) =>
      delegate === undefined ? [] : refer(delegate, declared.people, 'person', [...path, 'time_off', i, 'delegate']),
    ),
  ];
}

function checkLadders(document: PolicyDocument, declared: Declared): Problem[] {
  return Object.entries(document.ladders).flatMap(([ladder, levels]) =>
    levels.flatMap((level, i) => [
      ...recipients(level.to, ['ladders', ladder, i, 'to'], declared),
      ...channels(level.channels ?? [], ['ladders', ladder, i, 'channels'], declared),
    ]),
  );
}

function recipients(words: readonly string[], path: Path, declared: Declared): Problem[] {
  const known = [...declared.roles, ...declared.people, ...declared.channels];
  return words.flatMap((word, i) => {
    if (known.includes(word)) return [];
    const message = `"${word}" is nobody: no role, person or channel has that name.${didYouMean(word, known)} Add it under roles, people or channels, or name another.`;
    return [{ path: [...path, i], message }];
  });
}

function channels(words: readonly string[], path: Path, declared: Declared): Problem[] {
  return words.flatMap((word, i) => refer(word, declared.channels, 'channel', [...path, i]));
}

const WHERE = { person: 'people', calendar: 'calendars', ladder: 'ladders', channel: 'channels' };

function refer(word: string, known: ReadonlySet<string>, what: keyof typeof WHERE, path: Path): Problem[] {
  if (known.has(word)) return [];
  const hint =
    didYouMean(word, known) || (known.size > 0 && known.size <= 8 ? ` There is ${[...known].join(', ')}.` : '');
  return [{ path, message: `There is no ${what} "${word}".${hint} Add it under ${WHERE[what]}, or name another.` }];
}

function checkPhases(document: PolicyDocument): Problem[] {
  const seen = new Set<string>();
  return document.phases.flatMap(({ name, behind, stuck }, i) => {
    const problems: Problem[] = [];
    if (seen.has(name))
      problems.push({ path: ['phases', i, 'name'], message: `The phase "${name}" is listed twice: keep one of them.` });
    seen.add(name);
    if (behind && stuck && behind.unit === stuck.unit && behind.amount > stuck.amount) {
      const message = 'behind is longer than stuck, so the phase would never show as behind: make it shorter.';
      problems.push({ path: ['phases', i, 'behind'], message });
    }
    return problems;
  });
}

/** A word in `to` must mean one thing. */
function checkOneMeaning(document: PolicyDocument, { people, channels: names, roles }: Declared): Problem[] {
  const own = Object.keys(document.roles).filter((role) => RECORD_ROLES.includes(role));
  const person = (word: string): Path => ['people', document.people.findIndex(({ id }) => id === word), 'id'];
  return [
    ...own.map((role) => ({
      path: ['roles', role],
      message: `"${role}" is a role that records carry themselves: give this one another name.`,
    })),
    ...both(people, roles).map((word) => ambiguous(word, 'a person and a role', person(word))),
    ...both(names, roles).map((word) => ambiguous(word, 'a channel and a role', ['channels', word])),
    ...both(names, people).map((word) => ambiguous(word, 'a channel and a person', ['channels', word])),
  ];
}

function both(words: ReadonlySet<string>, others: ReadonlySet<string>): string[] {
  return [...words].filter((word) => others.has(word));
}

function ambiguous(word: string, what: string, path: Path): Problem {
  return { path, message: `"${word}" is both ${what}, so a ladder could not tell which is meant: rename one of them.` };
}
