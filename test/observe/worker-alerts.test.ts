import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workflowId } from '../../src/contracts/ids.js';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import { createObservation, type Observation } from '../../src/main/observer.js';
import { installMeasuredRuntime } from '../../src/main/worker-runtime.js';
import { tendWorker } from '../../src/main/tend-worker.js';
import { createGateway } from '../../src/temporal/gateway.js';
import { createSlipwayWorker } from '../../src/main/worker.js';
import { TestPostgres } from '../support/postgres.js';
import { recordingActivities } from '../support/recording-activities.js';
import { eventually, testBundle } from '../support/temporal.js';
import { fact, fastClock, MONDAY_9, newKey, testPolicy } from '../support/onboarding-fixture.js';
import { expectToFire, hasPromtool, WITHOUT_PROMTOOL } from './promtool.js';
import { Rig } from './rig.js';
import { samplesOf, type Scrape } from './scrape.js';
import { quickTemporal, type QuickTemporal } from './quick-temporal.js';

const run = promisify(execFile);

describe.skipIf(!hasPromtool)(`an alert on workers fires where its failure is real${WITHOUT_PROMTOOL}`, () => {
  let postgres: TestPostgres;
  let databaseUrl: string;
  let temporal: QuickTemporal;
  let observation: Observation;

  beforeAll(async () => {
    observation = createObservation('silent', undefined);
    await installMeasuredRuntime(observation);
    [postgres, temporal] = await Promise.all([TestPostgres.start(), quickTemporal()]);
    databaseUrl = await postgres.database();
  });
  afterAll(async () => {
    await temporal.stop();
    await postgres.stop();
  });

  /** A worker as `slipway worker` tends it, over the measured runtime; so many workflows stay in its memory. */
  async function worker(taskQueue: string, maxCachedWorkflows = 50) {
    const recorded = recordingActivities(testPolicy());
    const tended = await tendWorker({
      connect: () => NativeConnection.connect({ address: temporal.address }),
      create: async (nativeConnection) =>
        createSlipwayWorker({
          nativeConnection,
          namespace: 'default',
          taskQueue,
          bundlePath: await testBundle(),
          activities: recorded.activities,
          maxCachedWorkflows,
          deployment: undefined,
        }),
      name: 'worker',
      running: (isRunning) => observation.observer.gauge('slipway_worker_running', isRunning ? 1 : 0),
      observer: observation.observer,
    });
    return { recorded, stop: () => tended.stop() };
  }

  /** One scrape of a server that has just come up, so that it asks Temporal anew. */
  async function scrapeAnew(taskQueue: string): Promise<Scrape> {
    const rig = await Rig.open({ databaseUrl, temporalAddress: temporal.address, taskQueue, observation });
    const scraped = await rig.scrape();
    await rig.close();
    return scraped;
  }
  const valueOf = (scrape: Scrape, name: string): number | undefined =>
    [...scrape].find(([series]) => series.startsWith(`${name}{`))?.[1];

  it('SlipwayWorkerAbsent: no worker polls; and then one does', async () => {
    const taskQueue = randomUUID();
    const without = await scrapeAnew(taskQueue);
    const { stop } = await worker(taskQueue);
    const withOne = await eventually(async () => {
      const scraped = await scrapeAnew(taskQueue);
      return valueOf(scraped, 'slipway_workers_polling') === 1 ? scraped : undefined;
    });
    await stop();

    expect(valueOf(withOne, 'slipway_worker_running')).toBe(1);
    expect(valueOf(await scrapeAnew(taskQueue), 'slipway_worker_running')).toBe(0);
    await expectToFire('SlipwayWorkerAbsent', withOne, [without]);
  });

  it('SlipwayWorkflowsStuck and SlipwayWorkflowTaskFailures: code that no worker has', async () => {
    const taskQueue = randomUUID();
    const { stop } = await worker(taskQueue);
    const started = (workflowId = `lost/${randomUUID()}`) =>
      temporal.client.workflow.start('lost', { taskQueue, workflowId, args: [] });
    const well = await scrapeAnew(taskQueue);
    const handles = [await started()];
    const trouble = await eventually(async () => {
      const scraped = await scrapeAnew(taskQueue);
      return (valueOf(scraped, 'slipway_workflows_stuck') ?? 0) > 0 ? scraped : undefined;
    });
    for (let n = 0; n < 5; n++) handles.push(await started());
    const more = await eventually(async () => {
      const scraped = await scrapeAnew(taskQueue);
      const failed = valueOf(scraped, 'temporal_workflow_task_execution_failed_total') ?? 0;
      return failed >= 10 ? scraped : undefined;
    });
    for (const handle of handles) await handle.terminate();
    await stop();

    await expectToFire('SlipwayWorkflowsStuck', well, [trouble]);
    await expectToFire('SlipwayWorkflowTaskFailures', well, [trouble, more]);
  });

  it('SlipwayCacheThrashing: two workflows in memory, and eight that are signalled in turn', async () => {
    const taskQueue = randomUUID();
    const { recorded, stop } = await worker(taskQueue, 2);
    const gateway = createGateway({ client: temporal.client, taskQueue, clock: REAL_CLOCK });
    const keys = Array.from({ length: 8 }, newKey);
    const round = async (phase: string) => {
      const before = recorded.projections.length;
      for (const key of keys) await gateway.signalEvents(key, [fact('moved', Date.now(), { phase, name: phase })]);
      await eventually(() => recorded.projections.length >= before + keys.length || undefined);
      return scrapeAnew(taskQueue);
    };
    const well = await scrapeAnew(taskQueue);
    const first = await round('kickoff');
    await round('integration');
    const last = await round('launch');
    for (const key of keys) await temporal.client.workflow.getHandle(workflowId('onboarding', key)).terminate();
    await stop();

    await expectToFire('SlipwayCacheThrashing', well, [first, last], 15);
  });

  it('SlipwayTimersLate reads a series that a timer of a workflow writes', async () => {
    const taskQueue = randomUUID();
    const { recorded, stop } = await worker(taskQueue);
    const clock = fastClock(2);
    const gateway = createGateway({ client: temporal.client, taskQueue, clock });
    const key = newKey();
    await gateway.signalEvents(key, [fact('moved', MONDAY_9, { phase: 'kickoff', owner: 'mia@vendor.example' })]);
    await eventually(() => recorded.orders.length > 0 || undefined);
    const scraped = await scrapeAnew(taskQueue);
    await temporal.client.workflow.getHandle(workflowId('onboarding', key)).terminate();
    await stop();

    const lateness = [...scraped.keys()].filter((name) => name.startsWith('slipway_timer_lateness_seconds_bucket{'));
    expect(lateness.filter((name) => /le="(60|300)"/.test(name))).toHaveLength(2);
  });

  it('SlipwayMemoryShort: a process that keeps what it should let go', async () => {
    const { stdout } = await run(process.execPath, [
      // 48 MB for young objects count towards the limit and are never full: with 256 MB the 75 % of the alert were the very end.
      '--max-old-space-size=512',
      '--import',
      resolve(import.meta.dirname, '../support/typescript-loader.mjs'),
      resolve(import.meta.dirname, 'full-heap.ts'),
    ]);
    const [before = '', after = ''] = stdout.split('--- filled ---\n');

    await expectToFire('SlipwayMemoryShort', samplesOf(before), [samplesOf(after)]);
  });
});
