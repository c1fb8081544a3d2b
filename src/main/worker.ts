import { getHeapStatistics } from 'node:v8';
import { type NativeConnection, Worker, type WorkerDeploymentOptions } from '@temporalio/worker';
import type { DataConverter } from '@temporalio/common';
import type { Activities } from '../contracts/activities.js';

export interface WorkerSettings {
  readonly nativeConnection: NativeConnection;
  readonly namespace: string;
  readonly taskQueue: string;
  /** A file of `bundleWorkflows`, made by the same SDK version. */
  readonly bundlePath: string;
  readonly activities: Activities;
  /** The same as the client's; its failure converter must be part of the bundle. */
  readonly dataConverter?: DataConverter | undefined;
  /** Worker versioning; a new version gets no task until somebody makes it current. */
  readonly deployment?: { readonly name: string; readonly buildId: string } | undefined;
  /** How many workflows stay in memory between their tasks; one takes up to a megabyte. */
  readonly maxCachedWorkflows?: number;
  /** How many calls may be out at once. */
  readonly maxConcurrentCalls?: number;
}

/**
 * Sized for two cores and a process that also accepts events. Too small a cache rebuilds contexts: with 250, a burst over
 * 300 onboardings and their customers was applied half as fast as with 800, which take 130 MB more (measured).
 */
const CACHED_WORKFLOWS = 800;
/** What a process needs beside the cache, and what a cached onboarding takes of the heap (measured). */
const HEAP_BESIDE_BYTES = 160e6;
const HEAP_EACH_BYTES = 300e3;
/**
 * For one turn of workflow code, by the wall clock: a machine that stands still (swap, a paused guest) in mid-turn counts
 * as code that does not end, and to stop that ends the whole process on Node 20 (nodejs/node#38503): at the SDK's 5 s a
 * stall of 6 did. The SDK takes this option and does not name it in `WorkerOptions` (1.24); a test looks whether it counts.
 */
const PATIENCE = { isolateExecutionTimeout: '60 s' };
const WORKFLOW_TASKS = 20;
const CALLS = 50;

/** Fewer where `--max-old-space-size` leaves no room for all: a cache that fills the heap ends the process. */
export function cacheFor(heapLimitBytes: number): number {
  const room = Math.floor((heapLimitBytes - HEAP_BESIDE_BYTES) / HEAP_EACH_BYTES);
  return Math.max(50, Math.min(CACHED_WORKFLOWS, room));
}

/**
 * The worker of workflows and activities. An error of our own in workflow code stalls that onboarding until a release
 * heals it; it never ends one.
 */
export function createSlipwayWorker(settings: WorkerSettings): Promise<Worker> {
  const { nativeConnection, namespace, taskQueue, bundlePath, activities } = settings;
  return Worker.create({
    connection: nativeConnection,
    namespace,
    taskQueue,
    workflowBundle: { codePath: bundlePath },
    activities,
    ...(settings.dataConverter ? { dataConverter: settings.dataConverter } : {}),
    maxCachedWorkflows: settings.maxCachedWorkflows ?? cacheFor(getHeapStatistics().heap_size_limit),
    ...deploymentOptions(settings.deployment),
    ...PATIENCE,
    maxConcurrentWorkflowTaskExecutions: WORKFLOW_TASKS,
    maxConcurrentActivityTaskExecutions: settings.maxConcurrentCalls ?? CALLS,
    maxConcurrentLocalActivityExecutions: CALLS,
    workflowTaskPollerBehavior: { type: 'autoscaling', minimum: 2, initial: 4, maximum: 10 },
    activityTaskPollerBehavior: { type: 'autoscaling', minimum: 1, initial: 2, maximum: 10 },
    // A cancelled call hears of it by its heartbeat, which the SDK would otherwise hold back for 4 of its 5 s.
    maxHeartbeatThrottleInterval: '1 s',
    defaultHeartbeatThrottleInterval: '1 s',
    // After a worker has gone, what was meant for its memory waits this long before another one may take it, and so does
    // a person who acknowledges: shorter than the gateway's patience.
    stickyQueueScheduleToStartTimeout: '4 s',
    // A call that is out may end; the server learns of what did not within the call's own limit.
    shutdownGraceTime: '5 s',
    shutdownForceTime: '10 s',
  });
}

/** Still patched, and never pinned: an onboarding lives for months, and no old worker is kept up for it. */
export function deploymentOptions(deployment: WorkerSettings['deployment']): {
  readonly workerDeploymentOptions?: WorkerDeploymentOptions;
} {
  if (!deployment) return {};
  return {
    workerDeploymentOptions: {
      version: { deploymentName: deployment.name, buildId: deployment.buildId },
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'AUTO_UPGRADE',
    },
  };
}
