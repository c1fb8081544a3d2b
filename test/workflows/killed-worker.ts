import { appendFileSync } from 'node:fs';
import { NativeConnection } from '@temporalio/worker';
import type { NotifyOrder } from '../../src/contracts/activities.js';
import { createSlipwayWorker } from '../../src/main/worker.js';
import { testPolicy } from '../support/onboarding-fixture.js';
import { recordingActivities } from '../support/recording-activities.js';
import { cachedWorkflows, NAMESPACE } from '../support/temporal.js';

/** A worker in a process of its own, to be killed: notes every call in a file before and after it. */
const [address, taskQueue, bundlePath, notes] = process.argv.slice(2) as [string, string, string, string];
const recorded = recordingActivities(testPolicy());
recorded.answer = (order: NotifyOrder) => {
  appendFileSync(notes, `${order.key}\n`);
  return { outcome: 'sent', atReal: Date.now() };
};
const worker = await createSlipwayWorker({
  nativeConnection: await NativeConnection.connect({ address }),
  namespace: NAMESPACE,
  taskQueue,
  bundlePath,
  activities: recorded.activities,
  maxCachedWorkflows: cachedWorkflows(),
});
await worker.run();
