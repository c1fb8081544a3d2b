import type { ChannelSettings } from '../domain/policy/policy-file.js';
import type { Person } from '../domain/policy/policy.js';
import type { PolicyDocument } from './schema.js';

/**
 * Ids of the people whom the file reaches by the log alone without saying so: they have no `channels` of their own, and
 * no address or no channel of type `email` is there. `channels: [log]` is somebody's choice, and so are levels that name
 * their channels: where every level of a rule in use does, nobody's own count.
 */
export function logOnly(
  document: PolicyDocument,
  people: readonly Person[],
  channels: Readonly<Record<string, ChannelSettings>>,
): readonly string[] {
  if (!usesOwnChannels(document)) return [];
  const silent = new Set(people.filter((person) => isLog(person.channels, channels)).map(({ id }) => id));
  return document.people.filter((person) => person.channels === undefined && silent.has(person.id)).map(({ id }) => id);
}

const isLog = (names: readonly string[], channels: Readonly<Record<string, ChannelSettings>>): boolean =>
  names.every((name) => channels[name]?.type === 'log');

function usesOwnChannels({ rules, ladders }: PolicyDocument): boolean {
  const used = Object.values(rules).flatMap((rule) => (rule === 'off' ? [] : (ladders[rule.ladder] ?? [])));
  return used.some((level) => level.channels === undefined);
}
