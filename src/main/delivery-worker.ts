import { Worker } from '@temporalio/worker';
import { DELIVERY_TASK_QUEUE, type DeliveryActivities } from '../contracts/delivery.js';
import type { Observer } from '../contracts/observer.js';
import type { Settings } from './settings.js';
import type { TemporalLink } from './temporal-side.js';
import { type TendedWorker, tendWorker } from './tend-worker.js';
import { deploymentOptions } from './worker.js';
import { connectWorker } from './worker-runtime.js';

export interface DeliveryWorkerDeps {
  readonly settings: Pick<Settings, 'deployment'>;
  readonly temporal: TemporalLink;
  readonly activities: DeliveryActivities;
  readonly observer: Observer;
}

/** Endpoints that are served at once. One that waits for its receiver costs little but its place. */
const ENDPOINTS_AT_ONCE = 500;

/** The calls of outgoing webhooks, on a worker of their own: no endpoint that hangs takes the place of a person's message. */
export function runDeliveryWorker({
  settings,
  temporal,
  activities,
  observer,
}: DeliveryWorkerDeps): Promise<TendedWorker> {
  return tendWorker({
    connect: () => connectWorker(temporal),
    create: (connection) =>
      Worker.create({
        connection,
        namespace: temporal.settings.namespace,
        taskQueue: DELIVERY_TASK_QUEUE,
        activities,
        ...(temporal.payloads ? { dataConverter: temporal.payloads } : {}),
        ...deploymentOptions(settings.deployment),
        maxConcurrentActivityTaskExecutions: ENDPOINTS_AT_ONCE,
        activityTaskPollerBehavior: { type: 'autoscaling', minimum: 1, initial: 1, maximum: 5 },
        maxHeartbeatThrottleInterval: '5 s',
        defaultHeartbeatThrottleInterval: '5 s',
        // What lingers is to stop at once, and what is on the wire has the 10 s of a call.
        shutdownGraceTime: 0,
        shutdownForceTime: '12 s',
      }),
    name: 'worker of outgoing webhooks',
    observer,
  });
}
