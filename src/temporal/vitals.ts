import type { Client } from '@temporalio/client';
import { bounded } from './bounded.js';

/** What the Temporal server knows of how its workflows and their workers are. Throws `GatewayError`. */
export interface Vitals {
  /** Open workflows whose tasks have failed or timed out five times in a row (the server's own threshold). */
  stuckWorkflows(): Promise<number>;
  /** Workers that have polled the task queue within two minutes; one that waits for work polls every minute. */
  pollingWorkers(): Promise<number>;
}

const DEADLINE_MS = 2_000;
const POLLED_WITHIN_MS = 120_000;

/** The server names a workflow's problems in this search attribute, and takes them back when its tasks succeed. */
const STUCK = `ExecutionStatus = 'Running' AND TemporalReportedProblems IN ('category=WorkflowTaskFailed', 'category=WorkflowTaskTimedOut')`;

export function createVitals(client: Client, taskQueue: string, now: () => number = Date.now): Vitals {
  return {
    stuckWorkflows: () => bounded(client, DEADLINE_MS, async () => (await client.workflow.count(STUCK)).count),
    pollingWorkers: () =>
      bounded(client, DEADLINE_MS, async () => {
        const { namespace } = client.options;
        const { pollers } = await client.workflowService.describeTaskQueue({
          namespace,
          taskQueue: { name: taskQueue },
          taskQueueType: WORKFLOW_TASKS,
        });
        const since = now() - POLLED_WITHIN_MS;
        const recent = (pollers ?? []).filter((one) => Number(one.lastAccessTime?.seconds ?? 0) * 1000 >= since);
        return new Set(recent.map((one) => one.identity)).size;
      }),
  };
}

/** `TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW` of Temporal's API. */
const WORKFLOW_TASKS = 1;
