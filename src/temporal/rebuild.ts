import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { type Gateway, GatewayRefusal } from '../contracts/gateway.js';
import { workflowId } from '../contracts/ids.js';
import type { CustomerInput, OnboardingInput } from '../contracts/messages.js';
import {
  progressQuery,
  READ_MODEL_REBUILD,
  type RebuildGateway,
  type RebuildInput,
  type RebuildProgress,
  type RunHistory,
} from '../contracts/rebuild.js';
import { summaryLine } from '../contracts/summary.js';
import type { EntityKey } from '../domain/event/key.js';
import { historyOf } from '../domain/onboarding/situation.js';
import { bounded } from './bounded.js';
import type { GatewayDeps } from './gateway.js';
import { readHistory } from './run-history.js';
import { firstColumns, keyColumns } from './start-columns.js';
import { startOptions } from './start-options.js';

/** Real. A history of a thousand events comes in a few pages. */
const HISTORY_DEADLINE_MS = 20_000;
const CALL_DEADLINE_MS = 8_000;
/** The try of a workflow task from which on it is no passing trouble. */
const FAILING_FROM = 3;
/** Carried to the next run, as by a run itself. */
const MAX_ANSWERED = 50;

type OnboardingWorkflow = (input: OnboardingInput) => Promise<void>;
type CustomerWorkflow = (input: CustomerInput) => Promise<void>;
type RebuildWorkflow = (input: RebuildInput) => Promise<RebuildProgress>;

const NOTHING: RebuildProgress = { rebuilt: 0, unanswered: 0, examples: [] };

/** Making workflows anew, over a Temporal client and the gateway on it. */
export function createRebuildGateway(
  { client, taskQueue, clock, maxHistory }: GatewayDeps,
  gateway: Pick<Gateway, 'state' | 'health'>,
): RebuildGateway {
  const handleOf = (key: EntityKey) => client.workflow.getHandle(workflowId('onboarding', key));
  const input = (key: EntityKey) => ({ key, clock, ...(maxHistory ? { maxHistory } : {}) });

  return {
    state: (key) => gateway.state(key),
    health: () => gateway.health(),
    history: (key) =>
      bounded(client, HISTORY_DEADLINE_MS, () =>
        unlessUnknown(async (): Promise<RunHistory> => {
          const { status, runId, raw } = await handleOf(key).describe();
          const id = workflowId('onboarding', key);
          const { events } = await client.workflow.getHandle(id, runId).fetchHistory();
          const read = await readHistory(client, clock, id, events ?? []);
          return {
            ...read,
            answered: read.answered.slice(-MAX_ANSWERED),
            running: status.name === 'RUNNING',
            failing: (raw.pendingWorkflowTask?.attempt ?? 0) >= FAILING_FROM,
          };
        }),
      ),
    async stop(key, reason) {
      await bounded(client, CALL_DEADLINE_MS, () => unlessUnknown(() => handleOf(key).terminate(summaryLine(reason))));
    },
    async restart(state, answered) {
      const { key } = state;
      const title = historyOf(state).name ?? `Onboarding ${key.id}`;
      const run: OnboardingInput = { ...input(key), state, ...(answered.length ? { answered } : {}) };
      await bounded(client, CALL_DEADLINE_MS, () =>
        client.workflow
          .start<OnboardingWorkflow>('onboarding', {
            ...startOptions(taskQueue, 'onboarding', key, title, firstColumns(key, state.facts)),
            workflowIdReusePolicy: 'ALLOW_DUPLICATE',
            workflowIdConflictPolicy: 'FAIL',
            args: [run],
          })
          .catch(overtaken),
      );
    },
    async restartCustomer(state) {
      const { key } = state;
      await bounded(client, CALL_DEADLINE_MS, () =>
        client.workflow.start<CustomerWorkflow>('customer', {
          ...startOptions(taskQueue, 'customer', key, `Customer ${key.id}`, keyColumns(key)),
          args: [{ ...input(key), state }],
        }),
      );
    },
    async startReadModelRebuild() {
      await bounded(client, CALL_DEADLINE_MS, () =>
        client.workflow.start<RebuildWorkflow>('rebuild', {
          workflowId: READ_MODEL_REBUILD,
          taskQueue,
          workflowIdConflictPolicy: 'USE_EXISTING',
          staticSummary: 'Make the read model anew',
          args: [{ cursor: null, progress: NOTHING }],
        }),
      );
    },
    readModelRebuild: () =>
      bounded(client, CALL_DEADLINE_MS, () =>
        unlessUnknown(async () => {
          const handle = client.workflow.getHandle<RebuildWorkflow>(READ_MODEL_REBUILD);
          const { status } = await handle.describe();
          return { ...(await handle.query(progressQuery)), running: status.name === 'RUNNING' };
        }),
      ),
  };
}

async function unlessUnknown<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

function overtaken(error: unknown): never {
  if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  throw new GatewayRefusal(
    'RebuildOvertaken',
    'The onboarding was started again by an event or another rebuild meanwhile; look at the differences once more.',
  );
}
