import { ScheduleNotFoundError } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import {
  type CareGateway,
  type ErasureInput,
  erasureWorkflowId,
  lookAgainSignal,
  RETENTION_SCHEDULE,
} from '../contracts/care.js';
import { bounded } from './bounded.js';
import { grpcStatus, NOT_FOUND } from './failure.js';
import { ensureRetentionSchedule, type ScheduleDeps } from './schedules.js';

/** Real. */
const CALL_DEADLINE_MS = 8_000;
const DELETE_DEADLINE_MS = 20_000;

type ErasureWorkflow = (input: ErasureInput) => Promise<void>;

/** Retention and erasures on the Temporal server, over a client. */
export function createCareGateway(deps: ScheduleDeps): CareGateway {
  const { client, taskQueue } = deps;
  const schedule = () => client.schedule.getHandle(RETENTION_SCHEDULE);

  return {
    async runRetention() {
      // A schedule that somebody deleted by hand comes back here and not only at the next start.
      await ensureRetentionSchedule(deps);
      await bounded(client, CALL_DEADLINE_MS, () => schedule().trigger('SKIP'));
    },
    nextRetention: () =>
      bounded(client, CALL_DEADLINE_MS, async () => {
        try {
          const { state, info } = await schedule().describe();
          return state.paused ? null : (info.nextActionTimes[0]?.getTime() ?? null);
        } catch (error) {
          if (error instanceof ScheduleNotFoundError) return null;
          throw error;
        }
      }),
    async resumeErasure(erasure) {
      await bounded(client, CALL_DEADLINE_MS, () =>
        client.workflow.signalWithStart<ErasureWorkflow>('erasure', {
          workflowId: erasureWorkflowId(erasure),
          taskQueue,
          workflowIdConflictPolicy: 'USE_EXISTING',
          staticSummary: 'Erase a person or customer',
          args: [{ erasure, stage: 'learn', cursor: null, ended: 0 }],
          signal: lookAgainSignal.name,
          signalArgs: [],
        }),
      );
    },
    deleteRuns: (workflowId, { evenRunning }) =>
      bounded(client, DELETE_DEADLINE_MS, async () => {
        const isRunning = await runs(workflowId);
        if (isRunning && !evenRunning) return 'open';
        let found = isRunning === undefined ? 0 : 1;
        if (isRunning !== undefined) await remove(workflowId);
        for await (const { runId } of client.workflow.list({ query: `WorkflowId = '${quoted(workflowId)}'` })) {
          found += 1;
          await remove(workflowId, runId);
        }
        return found > 0 ? 'deleting' : 'none';
      }),
  };

  /** Whether the latest run is still going; undefined where the server knows of none. */
  async function runs(workflowId: string): Promise<boolean | undefined> {
    try {
      return (await client.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  }

  /** One that runs is ended by it; one that is gone is gone. */
  async function remove(workflowId: string, runId?: string): Promise<void> {
    try {
      await client.workflowService.deleteWorkflowExecution({
        namespace: client.options.namespace,
        workflowExecution: { workflowId, ...(runId === undefined ? {} : { runId }) },
      });
    } catch (error) {
      if (grpcStatus(error) !== NOT_FOUND) throw error;
    }
  }
}

const quoted = (text: string): string => text.replaceAll("'", "''");
