import type { SearchAttributePair } from '@temporalio/common';
import { workflowId, type WorkflowType } from '../contracts/ids.js';
import { summaryLine } from '../contracts/summary.js';
import type { EntityKey } from '../domain/event/key.js';

/** How the workflow of an onboarding or a customer is started. One that has closed is left closed: its id is refused. */
export function startOptions(
  taskQueue: string,
  type: WorkflowType,
  key: EntityKey,
  title: string,
  columns: SearchAttributePair[],
) {
  return {
    workflowId: workflowId(type, key),
    taskQueue,
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: summaryLine(title),
    memo: { title },
    typedSearchAttributes: columns,
  } as const;
}
