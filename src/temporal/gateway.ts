import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowUpdateFailedError } from '@temporalio/client';
import {
  ApplicationFailure,
  type QueryDefinition,
  type SearchAttributePair,
  type UpdateDefinition,
  WorkflowNotFoundError,
} from '@temporalio/common';
import type { Gateway } from '../contracts/gateway.js';
import { workflowId, type WorkflowType } from '../contracts/ids.js';
import {
  acknowledgeUpdate,
  type CustomerInput,
  closeUpdate,
  customerEventsSignal,
  denySignal,
  escalateUpdate,
  eventsSignal,
  holdUpdate,
  LOOKED,
  type Look,
  linkSignal,
  lookUpdate,
  noteUpdate,
  type OnboardingInput,
  type PublishInput,
  policySignal,
  reassignUpdate,
  releaseUpdate,
  resolveUpdate,
  revivedSignal,
  snoozeUpdate,
  stateQuery,
  unlinkSignal,
  viewQuery,
} from '../contracts/messages.js';
import { summaryLine } from '../contracts/summary.js';
import type { EntityKey } from '../domain/event/key.js';
import { reopen } from '../domain/onboarding/reopen.js';
import { historyOf } from '../domain/onboarding/situation.js';
import { type Clock, toVirtual } from '../domain/time/clock.js';
import { bounded as boundedBy } from './bounded.js';
import { hasEnded } from './failure.js';
import { firstColumns, keyColumns } from './start-columns.js';
import { startOptions as startOptionsOf } from './start-options.js';

/** Real. Signals are tried again by their sender; a person waits no longer than this for an answer. */
const SIGNAL_DEADLINE_MS = 8_000;
const ANSWER_DEADLINE_MS = 6_000;
const HEALTH_DEADLINE_MS = 1_000;
/** Real: how many onboardings a publish tells in a second, each of which then reads its cut from the store. */
const PUBLISH_PER_SECOND = 20;

export interface GatewayDeps {
  readonly client: Client;
  readonly taskQueue: string;
  readonly clock: Clock;
  /** History events after which a workflow continues as new, where it is not the workflow's own default. */
  readonly maxHistory?: number;
}

type OnboardingWorkflow = (input: OnboardingInput) => Promise<void>;
type CustomerWorkflow = (input: CustomerInput) => Promise<void>;
type PublishWorkflow = (input: PublishInput) => Promise<void>;

// biome-ignore format: one verb a line
const ACTIONS = {
  acknowledge: acknowledgeUpdate, snooze: snoozeUpdate, resolve: resolveUpdate,
  reassign: reassignUpdate, escalate: escalateUpdate, note: noteUpdate,
};
const HOLDS = { hold: holdUpdate, release: releaseUpdate, close: closeUpdate };

/** The gateway over a Temporal client. Workflows are started by name: no workflow code is loaded here. */
export function createGateway(deps: GatewayDeps): Gateway {
  const { client, taskQueue, clock } = deps;

  const bounded = <T>(ms: number, call: () => Promise<T>): Promise<T> => boundedBy(client, ms, call);

  const input = (key: EntityKey) => ({ key, clock, ...(deps.maxHistory ? { maxHistory: deps.maxHistory } : {}) });

  const startOptions = (type: WorkflowType, key: EntityKey, title: string, columns: SearchAttributePair[]) =>
    startOptionsOf(taskQueue, type, key, title, columns);

  async function signalled(call: () => Promise<unknown>): Promise<'signalled' | 'closed'> {
    return bounded(SIGNAL_DEADLINE_MS, async () => {
      try {
        await call();
        return 'signalled';
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError || error instanceof WorkflowNotFoundError)
          return 'closed';
        throw error;
      }
    });
  }

  function toCustomer<A>(key: EntityKey, signal: { name: string }, message: A): Promise<'signalled' | 'closed'> {
    return signalled(() =>
      client.workflow.signalWithStart<CustomerWorkflow, [A]>('customer', {
        ...startOptions('customer', key, `Customer ${key.id}`, keyColumns(key)),
        args: [input(key)],
        signal: signal.name,
        signalArgs: [message],
      }),
    );
  }

  function update<R, A>(
    key: EntityKey,
    definition: UpdateDefinition<R, [A]>,
    action: A,
    updateId?: string,
  ): Promise<R> {
    const handle = client.workflow.getHandle(workflowId('onboarding', key));
    return bounded(ANSWER_DEADLINE_MS, () =>
      handle.executeUpdate(definition, { args: [action], ...(updateId ? { updateId } : {}) }),
    );
  }

  /** An onboarding that has closed hears no signal any more, so there a query sees it as it is. */
  async function look<R>(key: EntityKey, what: Look, query: QueryDefinition<R>): Promise<R | undefined> {
    const handle = client.workflow.getHandle(workflowId('onboarding', key));
    return bounded(ANSWER_DEADLINE_MS, async () => {
      try {
        await handle.executeUpdate(lookUpdate, { args: [what] });
        return undefined;
      } catch (error) {
        const answer = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
        if (answer instanceof ApplicationFailure && answer.type === LOOKED) return answer.details?.[0] as R;
        if (!(error instanceof WorkflowNotFoundError)) throw error;
        return hasEnded(error) ? await handle.query(query) : undefined;
      }
    });
  }

  return {
    signalEvents: (key, facts, title) =>
      signalled(() =>
        client.workflow.signalWithStart<OnboardingWorkflow, [typeof facts]>('onboarding', {
          ...startOptions('onboarding', key, title ?? `Onboarding ${key.id}`, firstColumns(key, facts)),
          args: [input(key)],
          signal: eventsSignal.name,
          signalArgs: [facts],
        }),
      ),
    signalRunning: (key, facts) =>
      signalled(() => client.workflow.getHandle(workflowId('onboarding', key)).signal(eventsSignal, facts)),
    signalCustomer: (key, facts) => toCustomer(key, customerEventsSignal, facts),
    async reopen(state, facts) {
      const opened = reopen(state, facts, clock, toVirtual(clock, Date.now()));
      const title = historyOf(state).name ?? `Onboarding ${state.key.id}`;
      await bounded(SIGNAL_DEADLINE_MS, () =>
        client.workflow.signalWithStart<OnboardingWorkflow, [typeof facts]>('onboarding', {
          ...startOptions('onboarding', state.key, title, firstColumns(state.key, facts)),
          // Another event may have reopened it already: then that run goes on and only hears these facts.
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          args: [{ ...input(state.key), state: opened }],
          signal: eventsSignal.name,
          signalArgs: [facts],
        }),
      );
    },
    announcePolicy: (id, hash) => signalled(() => client.workflow.getHandle(id).signal(policySignal, { hash })),
    async linkCustomer({ customer, message }) {
      await toCustomer(customer, linkSignal, message);
    },
    async unlinkCustomer({ customer, message }) {
      await toCustomer(customer, unlinkSignal, message);
    },
    async reviveCustomer({ customer, message }) {
      await toCustomer(customer, revivedSignal, message);
    },
    async denyCustomer({ customer, message }) {
      await toCustomer(customer, denySignal, message);
    },
    async publishPolicy(hash) {
      await bounded(SIGNAL_DEADLINE_MS, () =>
        client.workflow.start<PublishWorkflow>('publish', {
          workflowId: `publish/${hash}`,
          taskQueue,
          // A policy that is put back while it is still being told: the walk under way has passed whom another one reached since.
          workflowIdConflictPolicy: 'TERMINATE_EXISTING',
          staticSummary: summaryLine(`Publish policy ${hash}`),
          args: [{ hash, perSecond: PUBLISH_PER_SECOND }],
        }),
      );
    },
    act: (key, action, updateId) =>
      update(key, ACTIONS[action.verb] as UpdateDefinition<never, [typeof action]>, action, updateId),
    hold: (key, action, updateId) =>
      update(key, HOLDS[action.verb] as UpdateDefinition<never, [typeof action]>, action, updateId),
    view: (key) => look(key, 'view', viewQuery),
    state: (key) => look(key, 'state', stateQuery),
    async health() {
      try {
        const info = await bounded(HEALTH_DEADLINE_MS, () => client.workflowService.getClusterInfo({}));
        return { reachable: true, clusterId: info.clusterId };
      } catch (error) {
        return { reachable: false, detail: (error as Error).message };
      }
    },
  };
}
