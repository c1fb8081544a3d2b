import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNotify } from '../../src/activities/notify.js';
import { createLogChannel } from '../../src/channels/log.js';
import { workflowId } from '../../src/contracts/ids.js';
import { SILENT } from '../../src/contracts/observer.js';
import type { EntityKey } from '../../src/domain/event/key.js';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import { createObservation, type Observation } from '../../src/main/observer.js';
import { installMeasuredRuntime } from '../../src/main/worker-runtime.js';
import { tendWorker } from '../../src/main/tend-worker.js';
import { openStore, type Store } from '../../src/store/store.js';
import { createGateway } from '../../src/temporal/gateway.js';
import { createSlipwayWorker } from '../../src/main/worker.js';
import { TestPostgres } from '../support/postgres.js';
import { recordingActivities } from '../support/recording-activities.js';
import { eventually, testBundle } from '../support/temporal.js';
import { fact, MONDAY_9, newKey, testPolicy } from '../support/onboarding-fixture.js';
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
  let store: Store;
  let late: Awaited<ReturnType<typeof chaseAndLeave>>;

  beforeAll(async () => {
    observation = createObservation('silent', undefined);
    await installMeasuredRuntime(observation);
    [postgres, temporal] = await Promise.all([TestPostgres.start(), quickTemporal()]);
    databaseUrl = await postgres.database();
    store = openStore({ url: databaseUrl, observer: SILENT, serverId: 'worker' });
    late = await chaseAndLeave();
  });
  afterAll(async () => {
    await temporal.stop();
    await store.close();
    await postgres.stop();
  });

  /** A worker as `slipway worker` tends it, over the measured runtime; so many workflows stay in its memory. */
  async function worker(taskQueue: string, maxCachedWorkflows = 50, recorded = recordingActivities(testPolicy())) {
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

  /** A minute passes in a second. Eight after Mia her manager is told: by a worker that really sends. */
  async function chaser(taskQueue: string) {
    const after = (amount: number) => ({ amount, unit: 'minutes' }) as const;
    const ladders = {
      nudge: ['owner', 'manager', 'exec_sponsor'].map((to, n) => ({ after: after(n && 8), to: [to] })),
    };
    const channel = () => createLogChannel('log', SILENT);
    const notify = createNotify({ ledger: store.sends, gate: store.gate, channel, observer: observation.observer });
    return worker(taskQueue, 50, recordingActivities(testPolicy({ ladders }), { notify }));
  }

  /** One timer has fired in time, and three will fire soon; from then on no worker is there any more. */
  async function chaseAndLeave() {
    const taskQueue = randomUUID();
    const { stop } = await chaser(taskQueue);
    const clock = { anchorReal: Date.now(), anchorVirtual: MONDAY_9, speed: 60 };
    const gateway = createGateway({ client: temporal.client, taskQueue, clock });
    const [first, ...others] = [newKey(), newKey(), newKey()];
    const atRisk = (key: EntityKey) =>
      gateway.signalEvents(key, [fact('at_risk', MONDAY_9, { phase: 'kickoff', owner: 'mia@vendor.example' })]);
    const told = (key: EntityKey, people: number) =>
      eventually(async () => {
        const sends = (await gateway.view(key))?.escalations.flatMap((one) => one.sends) ?? [];
        return sends.filter(({ status }) => status === 'sent').length === people || undefined;
      });
    await atRisk(first);
    await told(first, 2);
    for (const key of others) await atRisk(key);
    for (const key of others) await told(key, 1);
    const well = await scrapeAnew(taskQueue);
    await stop();
    return { taskQueue, keys: [first, ...others], well, leftAt: Date.now() };
  }

  /** Last of all, since it waits for real time to pass: the tests before it take some of that. */
  it('SlipwayTimersLate: timers fire while no worker is there, and what they brought leaves when one is back', async () => {
    const { taskQueue, keys, well, leftAt } = late;
    await new Promise((pass) => setTimeout(pass, leftAt + 70_000 - Date.now()));
    const { stop } = await chaser(taskQueue);
    const sent = (scrape: Scrape) => valueOf(scrape, 'slipway_send_lateness_seconds_count') ?? 0;
    const back = await eventually(async () => {
      const scraped = await scrapeAnew(taskQueue);
      return sent(scraped) === sent(well) + keys.length ? scraped : undefined;
    });
    for (const key of keys) await temporal.client.workflow.getHandle(workflowId('onboarding', key)).terminate();
    await stop();

    for (const metric of ['slipway_timer_lateness_seconds', 'slipway_send_lateness_seconds']) {
      const only = (scrape: Scrape) => new Map([...scrape].filter(([series]) => series.startsWith(metric)));
      await expectToFire('SlipwayTimersLate', only(well), [only(back)]);
    }
  }, 120_000);
});
