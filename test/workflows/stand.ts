import { randomUUID } from 'node:crypto';
import { type Gateway, GatewayError } from '../../src/contracts/gateway.js';
import { workflowId } from '../../src/contracts/ids.js';
import type { EntityKey } from '../../src/domain/event/key.js';
import type { Escalation } from '../../src/domain/escalation/escalation.js';
import type { OnboardingState } from '../../src/domain/onboarding/state.js';
import type { Policy } from '../../src/domain/policy/policy.js';
import { type Clock, toVirtual } from '../../src/domain/time/clock.js';
import { newKey, testPolicy } from '../support/onboarding-fixture.js';
import { type Recorded, recordingActivities } from '../support/recording-activities.js';
import {
  eventually,
  sharedTemporal,
  type TestServer,
  type TestWorker,
  testGateway,
  testWorker,
} from '../support/temporal.js';

/** One onboarding on a real server and a worker of its own, with activities that only take notes. */
export interface Stand {
  readonly key: EntityKey;
  readonly server: TestServer;
  readonly taskQueue: string;
  readonly gateway: Gateway;
  readonly recorded: Recorded;
  readonly workflowId: string;
  now(): number;
  state(): Promise<OnboardingState>;
  /** The first escalation that `test` holds for; waits for it. */
  escalation(test: (escalation: Escalation) => boolean, withinMs?: number): Promise<Escalation>;
  restartWorker(): Promise<void>;
  stopWorker(): Promise<void>;
  close(): Promise<void>;
}

export interface StandOptions {
  readonly policy?: Policy;
  readonly maxHistory?: number;
  /** What the first worker runs, where it is not the workflows of today. */
  readonly formerBundle?: string;
}

export async function stand(clock: Clock, options: StandOptions = {}): Promise<Stand> {
  const server = await sharedTemporal();
  const key = newKey();
  const taskQueue = `test-${randomUUID()}`;
  const gateway = testGateway(server, taskQueue, clock, options.maxHistory);
  const recorded = recordingActivities(options.policy ?? testPolicy(), {
    linkCustomer: (link) => gateway.linkCustomer(link),
    unlinkCustomer: (unlink) => gateway.unlinkCustomer(unlink),
    reviveCustomer: (revival) => gateway.reviveCustomer(revival),
    denyCustomer: (denial) => gateway.denyCustomer(denial),
  });
  const start = (bundlePath?: string) =>
    testWorker(server, { taskQueue, activities: recorded.activities, ...(bundlePath ? { bundlePath } : {}) });
  let worker: TestWorker | null = await start(options.formerBundle);
  const id = workflowId('onboarding', key);

  const state = async () => {
    const found = await gateway.state(key);
    if (!found) throw new Error('There is no such workflow.');
    return found;
  };
  const stopWorker = async () => {
    await worker?.stop();
    worker = null;
  };
  return {
    key,
    server,
    taskQueue,
    gateway,
    recorded,
    workflowId: id,
    now: () => toVirtual(clock, Date.now()),
    state,
    escalation: (test, withinMs) =>
      eventually(async () => (await state().catch(ignoreOutage))?.escalations.find(test), withinMs),
    stopWorker,
    async restartWorker() {
      await stopWorker();
      worker = await start();
    },
    async close() {
      await server.client.workflow
        .getHandle(id)
        .terminate('The test is over.')
        .catch(() => undefined);
      await stopWorker();
      await server.close();
    },
  };
}

/** A worker that has just come up may not answer in time; what is awaited is looked for again. */
function ignoreOutage(error: unknown): undefined {
  if (!(error instanceof GatewayError)) throw error;
}
