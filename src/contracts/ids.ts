import { escapePart } from '../domain/escalation/escalation-id.js';
import type { EntityKey } from '../domain/event/key.js';

export { escalationOwner } from '../domain/escalation/escalation-id.js';

/**
 * Workflow ids, built and parsed in one place: business ids that carry no personal data. Parts are escaped so that `/`
 * separates for certain, since ids of a sender are opaque.
 */
export type WorkflowType = 'onboarding' | 'customer';

/** `onboarding/<workspace>/<id>`, `test/onboarding/…` in test mode. */
export function workflowId(type: WorkflowType, key: EntityKey): string {
  return `${key.mode === 'test' ? 'test/' : ''}${type}/${escapePart(key.workspace)}/${escapePart(key.id)}`;
}

/** The inverse of `workflowId`; undefined where the text is no id of ours. */
export function parseWorkflowId(id: string): { type: WorkflowType; key: EntityKey } | undefined {
  const match = /^(test\/)?(onboarding|customer)\/([^/]+)\/([^/]+)$/.exec(id);
  if (!match) return undefined;
  const [, test, type, workspace, entity] = match as unknown as [
    string,
    string | undefined,
    WorkflowType,
    string,
    string,
  ];
  return {
    type,
    key: { mode: test ? 'test' : 'live', workspace: decodeURIComponent(workspace), id: decodeURIComponent(entity) },
  };
}
