import { BUILT_IN } from './built-in.js';

/**
 * The names that a file gives to things, read from the raw file: a ladder with a mistake in it is still a ladder, and
 * whoever refers to it made no mistake of their own.
 */
export interface Declared {
  readonly calendars: ReadonlySet<string>;
  readonly ladders: ReadonlySet<string>;
  readonly channels: ReadonlySet<string>;
  readonly people: ReadonlySet<string>;
  readonly roles: ReadonlySet<string>;
}

/** Roles that every record carries, and `manager`, who is the manager of the owner. */
export const RECORD_ROLES = ['owner', 'csm', 'se', 'designer', 'product_ops', 'manager'];

export function declaredNames(file: unknown): Declared {
  const people: unknown[] = Array.isArray(part(file, 'people')) ? (part(file, 'people') as unknown[]) : [];
  const ids = people.map((person) => part(person, 'id')).filter((id) => typeof id === 'string');
  return {
    calendars: new Set([...Object.keys(BUILT_IN.calendars), ...keys(file, 'calendars')]),
    ladders: new Set([...Object.keys(BUILT_IN.ladders), ...keys(file, 'ladders')]),
    channels: new Set([...Object.keys(BUILT_IN.channels), ...keys(file, 'channels')]),
    people: new Set(ids),
    roles: new Set([...RECORD_ROLES, ...keys(file, 'roles')]),
  };
}

function keys(file: unknown, name: string): string[] {
  const found = part(file, name);
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? Object.keys(found) : [];
}

function part(node: unknown, key: string): unknown {
  if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return undefined;
  return (node as Record<string, unknown>)[key];
}
