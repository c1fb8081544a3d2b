import type { EntityKey } from '../event/key.js';

/**
 * Escalation ids lead to their onboarding without the read model, which may lag behind a message that a person is
 * already answering: `esc_<live|test>~<workspace>~<onboarding>~<n>`, escaped so that `~` separates for certain, with
 * `=` for `%` so that it needs no escaping in a URL.
 */
export function escalationIdOf(key: EntityKey, n: number): string {
  return `esc_${[key.mode, escapePart(key.workspace), escapePart(key.id), String(n)].join('~')}`.replaceAll('%', '=');
}

/** The onboarding an escalation was opened for; undefined where the text is no escalation id. */
export function escalationOwner(id: string): EntityKey | undefined {
  const match = /^esc_(live|test)~([^~]+)~([^~]+)~\d+$/.exec(id);
  if (!match) return undefined;
  const [, mode, workspace, entity] = match as unknown as [string, 'live' | 'test', string, string];
  try {
    return { mode, workspace: readPart(workspace), id: readPart(entity) };
  } catch {
    return undefined;
  }
}

const readPart = (part: string): string => decodeURIComponent(part.replaceAll('=', '%'));

/** Percent-escapes everything that separates parts of an id. */
export const escapePart = (part: string): string =>
  encodeURIComponent(part).replace(/[~!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
