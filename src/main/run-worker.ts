import { createCareActivities } from '../activities/care.js';
import { createDeliverDue } from '../activities/deliver-due.js';
import { createActivities } from '../activities/index.js';
import { createRebuildActivities } from '../activities/rebuild.js';
import type { Gateway } from '../contracts/gateway.js';
import type { Observer } from '../contracts/observer.js';
import { TASK_QUEUE } from '../contracts/task-queue.js';
import type { Clock } from '../domain/time/clock.js';
import type { Outbound } from '../outbound/post.js';
import type { Store } from '../store/store.js';
import { createCareGateway } from '../temporal/care.js';
import { runDeliveryWorker } from './delivery-worker.js';
import type { PolicyInForce } from './policy-in-force.js';
import { createRebuilding } from './rebuilding.js';
import type { Settings } from './settings.js';
import type { TemporalLink } from './temporal-side.js';
import { type TendedWorker, tendWorker } from './tend-worker.js';
import { createSlipwayWorker } from './worker.js';
import { connectWorker } from './worker-runtime.js';

export interface RunWorkerDeps {
  readonly settings: Pick<Settings, 'deployment'>;
  readonly clock: Clock;
  readonly store: Store;
  readonly gateway: Gateway;
  readonly inForce: PolicyInForce;
  readonly temporal: TemporalLink;
  /** A file of `bundleWorkflows`, made for the link's payloads. */
  readonly bundlePath: string;
  readonly outbound: Outbound;
  readonly observer: Observer;
}

/** Workflows, activities and deliveries on this process, for as long as the server is there and again when it is back. */
export async function runWorker(deps: RunWorkerDeps): Promise<TendedWorker> {
  const worker = await runMainWorker(deps);
  const deliveries = await deliver(deps).catch(async (error: unknown) => {
    await worker.stop();
    throw error;
  });
  return {
    isUp: () => worker.isUp() && deliveries.isUp(),
    stop: async () => {
      await Promise.all([worker.stop(), deliveries.stop()]);
    },
  };
}

function deliver({ store, settings, inForce, temporal, outbound, observer }: RunWorkerDeps): Promise<TendedWorker> {
  const deliverDue = createDeliverDue({
    queue: store.deliveries,
    outbound,
    observer,
    get schedule() {
      return inForce.file().webhooks.retry;
    },
    random: Math.random,
  });
  return runDeliveryWorker({ settings, temporal, activities: { deliverDue }, observer });
}

function runMainWorker(deps: RunWorkerDeps): Promise<TendedWorker> {
  const { store, clock, gateway, inForce, temporal, observer } = deps;
  const care = createCareActivities({
    retention: store.retention,
    erasures: store.erasures,
    care: createCareGateway({ client: temporal.client, taskQueue: TASK_QUEUE, clock }),
    audit: store.audit,
    retentionSettings: async () => inForce.file().retention,
    clock,
    now: Date.now,
    observer,
  });
  const { readModel: readModelRebuild } = createRebuilding({ store, clock, gateway, temporal, observer });
  const activities = createActivities({
    ledger: store.sends,
    gate: store.gate,
    channel: (name) => inForce.channels().channels.get(name),
    observer,
    readModel: store.readModel,
    policies: inForce.policies,
    gateway,
  });
  return tendWorker({
    connect: () => connectWorker(temporal),
    create: (nativeConnection) =>
      createSlipwayWorker({
        nativeConnection,
        namespace: temporal.settings.namespace,
        taskQueue: TASK_QUEUE,
        bundlePath: deps.bundlePath,
        activities: { ...activities, ...care, ...createRebuildActivities({ readModelRebuild }) },
        dataConverter: temporal.payloads,
        deployment: deps.settings.deployment,
      }),
    name: 'worker',
    running: (isRunning) => observer.gauge('slipway_worker_running', isRunning ? 1 : 0),
    observer,
  });
}
