import { randomUUID } from 'node:crypto';
import { NativeConnection } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { workflowId } from '../../src/contracts/ids.js';
import type { Fact } from '../../src/domain/event/fact.js';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import { createObservation } from '../../src/main/observer.js';
import { createSlipwayWorker } from '../../src/main/worker.js';
import { installMeasuredRuntime } from '../../src/main/worker-runtime.js';
import { createGateway } from '../../src/temporal/gateway.js';
import { fact, newKey, testPolicy } from '../support/onboarding-fixture.js';
import { recordingActivities } from '../support/recording-activities.js';
import { eventually, testBundle } from '../support/temporal.js';
import { quickTemporal } from './quick-temporal.js';
import { samplesOf } from './scrape.js';

const HOUR = 3_600_000;

it('tells how long an event took to its workflow, and nothing of one that was known already', async () => {
  const observation = createObservation('silent', undefined);
  await installMeasuredRuntime(observation);
  const temporal = await quickTemporal();
  const nativeConnection = await NativeConnection.connect({ address: temporal.address });
  const taskQueue = randomUUID();
  const recorded = recordingActivities(testPolicy());
  const worker = await createSlipwayWorker({
    nativeConnection,
    namespace: 'default',
    taskQueue,
    bundlePath: await testBundle(),
    activities: recorded.activities,
  });
  const running = worker.run();
  const gateway = createGateway({ client: temporal.client, taskQueue, clock: REAL_CLOCK });
  const key = newKey();
  const heard = async (phase: string, facts: readonly Fact[]): Promise<void> => {
    await gateway.signalEvents(key, facts);
    await eventually(() => recorded.projections.some(({ view }) => view.phase === phase) || undefined);
  };

  const anHourAgo = { ...fact('moved', Date.now() - HOUR, { phase: 'kickoff' }), heardAt: Date.now() - HOUR };
  await heard('kickoff', [anHourAgo]);
  await gateway.signalEvents(key, [anHourAgo]);
  await heard('launch', [fact('moved', Date.now(), { phase: 'launch' })]);
  const scraped = await eventually(async () => {
    const samples = samplesOf(await observation.metricsText());
    return upTo(samples, '14400') === undefined ? undefined : samples;
  });

  expect(upTo(scraped, '60')).toBe(1);
  expect(upTo(scraped, '14400')).toBe(2);

  await temporal.client.workflow.getHandle(workflowId('onboarding', key)).terminate();
  worker.shutdown();
  await running;
  await nativeConnection.close();
  await temporal.stop();
});

function upTo(samples: ReadonlyMap<string, number>, le: string): number | undefined {
  const bucket = `slipway_apply_lag_seconds_bucket{`;
  return [...samples].find(([series]) => series.startsWith(bucket) && series.includes(`le="${le}"`))?.[1];
}
