import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import { givenTemporalServer } from '../../src/main/temporal-server.js';
import { linkTemporal, prepareTemporal } from '../../src/main/temporal-side.js';
import { createSlipwayWorker } from '../../src/main/worker.js';
import { connectWorker } from '../../src/main/worker-runtime.js';
import { createGateway } from '../../src/temporal/gateway.js';
import { fact, newKey, testPolicy } from '../support/onboarding-fixture.js';
import { recordingActivities } from '../support/recording-activities.js';
import { NAMESPACE, testBundle } from '../support/temporal.js';

type Variables = Readonly<Record<string, string>>;

/** The way to a front as every command of Slipway takes it. */
export const linkTo = (address: string, variables: Variables) =>
  linkTemporal(givenTemporalServer(address, undefined), {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: NAMESPACE,
    ...variables,
  });

/** An event that a client signals and a worker handles: throws unless both are let in. */
export async function anEventIsHandled(address: string, variables: Variables): Promise<void> {
  const link = linkTo(address, variables);
  const taskQueue = `fronted-${randomUUID()}`;
  await prepareTemporal(link);
  const nativeConnection = await connectWorker(link);
  const worker = await createSlipwayWorker({
    nativeConnection,
    namespace: link.settings.namespace,
    taskQueue,
    bundlePath: await testBundle(),
    activities: recordingActivities(testPolicy()).activities,
    maxCachedWorkflows: 2,
  });
  const ended = worker.run();
  const gateway = createGateway({ client: link.client, taskQueue, clock: REAL_CLOCK });
  const key = newKey();
  try {
    await gateway.signalEvents(key, [fact('created', Date.now(), { phase: 'kickoff' })]);
    expect(await gateway.view(key)).toMatchObject({ id: key.id, phase: 'kickoff' });
  } finally {
    worker.shutdown();
    await ended;
    await nativeConnection.close();
    await link.close();
  }
}

/** What the client and the worker say who are not let in. */
export async function saidOf(address: string, variables: Variables): Promise<{ client: string; worker: string }> {
  const link = linkTo(address, variables);
  const refused = (call: Promise<unknown>): Promise<string> =>
    call.then(
      () => 'let in',
      (error: Error) => `${error.name}: ${error.message}`,
    );
  const [client, worker] = [await refused(prepareTemporal(link)), await refused(connectWorker(link))];
  await link.close();
  return { client, worker };
}
