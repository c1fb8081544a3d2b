import { randomUUID } from 'node:crypto';
import { NativeConnection, type Worker } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { SILENT } from '../../src/contracts/observer.js';
import { tendWorker } from '../../src/main/tend-worker.js';
import { createSlipwayWorker } from '../../src/main/worker.js';
import { testPolicy } from '../support/onboarding-fixture.js';
import { recordingActivities } from '../support/recording-activities.js';
import { eventually, NAMESPACE, quiet, sharedTemporal, testBundle } from '../support/temporal.js';

describe('a worker that ends by itself', () => {
  it('is followed by another, until it is told to stop', async () => {
    quiet();
    const server = await sharedTemporal();
    const bundlePath = await testBundle();
    const made: Worker[] = [];
    const tended = await tendWorker({
      connect: () => NativeConnection.connect({ address: server.address }),
      create: async (nativeConnection) => {
        const { activities } = recordingActivities(testPolicy());
        const worker = await createSlipwayWorker({
          nativeConnection,
          namespace: NAMESPACE,
          taskQueue: `test-${randomUUID()}`,
          bundlePath,
          activities,
        });
        made.push(worker);
        return worker;
      },
      name: 'worker',
      observer: SILENT,
    });

    made[0]?.shutdown();
    const second = await eventually(() => made[1]);
    await eventually(() => second.getState() === 'RUNNING' || undefined);
    await tended.stop();

    expect(made.map((worker) => worker.getState())).toEqual(['STOPPED', 'STOPPED']);
    await server.close();
  });
});
