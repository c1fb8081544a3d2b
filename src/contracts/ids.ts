import type { EntityKey } from '../domain/event/key.js';

/**
 * Workflow ids and escalation ids, built and parsed in one place. Both are business ids: they carry no personal data,
 * and an escalation id leads to its workflow without the read model.
 *
 * Parts are escaped so that `/` and `~` separate for certain: ids of a sender are opaque and may hold either.
 */
export type WorkflowType = 'onboarding' | 'customer';

const escape = (part: string): string =>
  encodeURIComponent(part).replace(/[~!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** `onboarding/<workspace>/<id>`, `test/onboarding/…` in test mode. */
export function workflowId(type: WorkflowType, key: EntityKey): string {
  return `${key.mode === 'test' ? 'test/' : ''}${type}/${escape(key.workspace)}/${escape(key.id)}`;
}

/** The inverse of `workflowId`; undefined where the text is no id of ours. */
export function parseWorkflowId(id: string): { type: WorkflowType; key: EntityKey } | undefined {
  const match = /^(test\/)?(onboarding|customer)\/([^/]+)\/([^/]+)$/.exec(id);
  if (!match) return undefined;
  const [, test, type, workspace, entity] = match as unknown as [string, string | undefined, WorkflowType, string, string];
  return { type, key: { mode: test ? 'test' : 'live', workspace: decodeURIComponent(workspace), id: decodeURIComponent(entity) } };
}

/** `esc_<live|test>~<workspace>~<onboarding>~<n>`, with `=` for `%` so that it needs no escaping in a URL. */
export function escalationId(key: EntityKey, n: number): string {
  return `esc_${[key.mode, escape(key.workspace), escape(key.id), String(n)].join('~')}`.replaceAll('%', '=');
}

/** The onboarding an escalation belongs to; undefined where the text is no escalation id. */
export function escalationOwner(id: string): EntityKey | undefined {
  const match = /^esc_(live|test)~([^~]+)~([^~]+)~\d+$/.exec(id);
  if (!match) return undefined;
  try {
    const [, mode, workspace, entity] = match as unknown as [string, 'live' | 'test', string, string];
    return { mode, workspace: unescape(workspace), id: unescape(entity) };
  } catch {
    return undefined;
  }
}

const unescape = (part: string): string => decodeURIComponent(part.replaceAll('=', '%'));
