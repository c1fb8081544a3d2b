import { randomUUID } from 'node:crypto';
import { NativeConnection } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { cacheFor, createSlipwayWorker } from '../../src/main/worker.js';
import { newKey, testPolicy } from '../support/onboarding-fixture.js';
import { recordingActivities } from '../support/recording-activities.js';
import {
  eventually,
  NAMESPACE,
  quiet,
  sharedTemporal,
  testBundle,
  testGateway,
  testWorker,
} from '../support/temporal.js';

const REAL = { anchorReal: 0, anchorVirtual: 0, speed: 1 };

describe('a worker with a version', () => {
  it('takes tasks once its version is current, and hands open onboardings to the next version', async () => {
    quiet();
    const server = await sharedTemporal();
    const taskQueue = `test-${randomUUID()}`;
    const deployment = `slipway-${randomUUID()}`;
    const gateway = testGateway(server, taskQueue, REAL);
    const start = async (buildId: string) => {
      const nativeConnection = await NativeConnection.connect({ address: server.address });
      const { activities } = recordingActivities(testPolicy());
      const worker = await createSlipwayWorker({
        nativeConnection,
        namespace: NAMESPACE,
        taskQueue,
        bundlePath: await testBundle(),
        activities,
        deployment: { name: deployment, buildId },
      });
      const ended = worker.run();
      return async () => {
        worker.shutdown();
        await ended;
        await nativeConnection.close();
      };
    };
    const makeCurrent = (buildId: string) =>
      eventually(async () => {
        const { workflowService } = server.connection;
        await workflowService
          .setWorkerDeploymentCurrentVersion({ namespace: NAMESPACE, deploymentName: deployment, buildId })
          .catch(() => undefined);
        const told = await workflowService
          .describeWorkerDeployment({ namespace: NAMESPACE, deploymentName: deployment })
          // There is none until its first worker polls.
          .catch(() => undefined);
        const current = told?.workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId;
        return current === buildId || undefined;
      });

    const stopFirst = await start('1');
    await makeCurrent('1');
    const key = newKey();
    await gateway.signalEvents(key, []);
    const first = await eventually(() => gateway.view(key).catch(() => undefined));
    const stopSecond = await start('2');
    await makeCurrent('2');
    await stopFirst();
    const second = await eventually(() => gateway.view(key).catch(() => undefined));

    expect([first?.id, second?.id]).toEqual([key.id, key.id]);
    await stopSecond();
    await server.close();
  });
});

describe('the cache of a worker', () => {
  it('fits into the heap it is given, and needs no more than it was sized for', () => {
    const mb = 1024 * 1024;
    expect([64, 256, 512, 4096].map((size) => cacheFor(size * mb))).toEqual([50, 361, 800, 800]);
  });
});

describe('a turn of workflow code', () => {
  it('may take a minute, so that a machine that stands still for seconds does not end its worker', async () => {
    const worker = await testWorker(await sharedTemporal(), {
      taskQueue: `test-${randomUUID()}`,
      activities: recordingActivities(testPolicy()).activities,
    });
    try {
      expect(worker.worker.options).toMatchObject({ isolateExecutionTimeoutMs: 60_000 });
    } finally {
      await worker.stop();
    }
  });
});
