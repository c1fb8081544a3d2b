import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { DELIVERY_TASK_QUEUE, type DeliverReport } from '../../src/contracts/delivery.js';
import { endpointWorkflowId } from '../../src/contracts/endpoint.js';
import { createEndpointGateway } from '../../src/temporal/endpoints.js';
import { fastClock, MONDAY_9 } from '../support/onboarding-fixture.js';
import { eventually, NAMESPACE } from '../support/temporal.js';
import { hanging, report } from '../workflows/endpoint-stand.js';
import type { Stand } from '../workflows/stand.js';
import type { Behaviour } from './behaviours.js';

const HOUR = 3_600_000;
const FAILED = { attempts: 1, lastFailure: { at: MONDAY_9, why: 'answered 503' } };

/** What each look of an endpoint's workflow finds, by its number and instant; and how it is woken. */
interface Life {
  readonly maxHistory?: number;
  find(look: number, at: number): Partial<DeliverReport> | Promise<Partial<DeliverReport>>;
  live(endpoint: {
    readonly handle: WorkflowHandle;
    wake(): Promise<void>;
    begun(look: number): Promise<unknown>;
    /** So many looks are over, and the workflow has taken in what they found. */
    looked(times: number): Promise<unknown>;
  }): Promise<{ readonly runId?: string } | void>;
}

const held = hanging();

const LIVES: Readonly<Record<string, Life>> = {
  'endpoint-tried-until-it-is-delivered': {
    find: (look, at) =>
      [
        { ...FAILED, nextAt: at + 4 * HOUR, pending: 1 },
        { ...FAILED, nextAt: at + 16 * HOUR, pending: 1 },
        // Only later, and the timer finds that out; then more is due at once; then somebody calls off what is left.
        { ...FAILED, nextAt: at + 24 * HOUR, pending: 1 },
        { at, nextAt: at - 1, pending: 1 },
        { nextAt: at + 4_800 * HOUR, pending: 1 },
      ][look - 1] ?? {},
    async live({ wake, looked }) {
      await wake();
      await looked(2);
      await wake();
      await looked(5);
      await wake();
      await looked(6);
    },
  },
  'endpoint-woken-in-mid-delivery-then-deleted': {
    async find(look) {
      if (look === 1) await held.until;
      return look < 3 ? { disabled: 'operator' } : { gone: true };
    },
    async live({ handle, wake, begun, looked }) {
      await wake();
      await begun(1);
      await wake();
      held.release();
      await looked(2);
      await wake();
      await handle.result();
    },
  },
  'endpoint-continued-as-new': {
    maxHistory: 20,
    find: () => ({ ...FAILED, nextAt: MONDAY_9 + 48 * HOUR, pending: 1 }),
    async live({ handle, wake }) {
      await wake();
      const { runId } = await handle.describe();
      while ((await handle.describe()).runId === runId) await wake();
      return { runId };
    },
  },
  'endpoint-began-from-a-run-before': {
    maxHistory: 20,
    find: () => ({ nextAt: MONDAY_9 + 48 * HOUR, pending: 1 }),
    async live({ handle, wake, looked }) {
      await wake();
      const { runId } = await handle.describe();
      while ((await handle.describe()).runId === runId) await wake();
      await looked(3);
    },
  },
};

export const ENDPOINT_BEHAVIOURS: readonly Behaviour[] = Object.entries(LIVES).map(([name, life]) => ({
  name,
  clock: () => fastClock(4 / 24),
  live: (it_) => lived(it_, life),
}));

/** Deliveries have one queue a namespace: nothing else may run there while histories are recorded. */
async function lived({ server, taskQueue, now }: Stand, { maxHistory, find, live }: Life) {
  let looks = 0;
  const connection = await NativeConnection.connect({ address: server.address });
  const deliverDue = async () => {
    looks++;
    return report(await find(looks, now()), now());
  };
  const worker = await Worker.create({
    connection,
    namespace: NAMESPACE,
    taskQueue: DELIVERY_TASK_QUEUE,
    activities: { deliverDue },
  });
  const key = { application: 'app_1', id: `ep_${randomUUID().slice(0, 8)}` };
  const workflowId = endpointWorkflowId(key);
  const handle = server.client.workflow.getHandle(workflowId);
  const gateway = createEndpointGateway({
    client: server.client,
    taskQueue,
    clock: fastClock(4 / 24),
    ...(maxHistory ? { maxHistory } : {}),
  });
  const shown = await worker.runUntil(
    live({
      handle,
      wake: () => gateway.wake(key, 'Endpoint of the test'),
      begun: (look) => eventually(() => looks >= look || undefined),
      looked: (times) => eventually(async () => (looks >= times && (await isIdle(handle))) || undefined),
    }),
  );
  await connection.close();
  return { workflowId, ...shown };
}

async function isIdle(handle: WorkflowHandle): Promise<boolean> {
  const { raw } = await handle.describe();
  return !raw.pendingWorkflowTask && (raw.pendingActivities ?? []).length === 0;
}
