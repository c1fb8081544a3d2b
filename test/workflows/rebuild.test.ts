import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RebuildInput, RebuildProgress } from '../../src/contracts/rebuild.js';
import { testPolicy } from '../support/onboarding-fixture.js';
import { type Recorded, recordingActivities } from '../support/recording-activities.js';
import { sharedTemporal, type TestServer, type TestWorker, testWorker } from '../support/temporal.js';

describe('a rebuild of the read model', () => {
  let server: TestServer;
  let worker: TestWorker;
  let recorded: Recorded;
  const taskQueue = `test-${randomUUID()}`;
  beforeEach(async () => {
    server = await sharedTemporal();
    recorded = recordingActivities(testPolicy());
    worker = await testWorker(server, { taskQueue, activities: recorded.activities });
  });
  afterEach(async () => {
    await worker.stop();
    await server.close();
  });

  it('goes through every page and adds up what it met, over continue-as-new too', async () => {
    const start = (maxHistory?: number): Promise<RebuildProgress> => {
      const input: RebuildInput = {
        cursor: null,
        progress: { rebuilt: 0, unanswered: 0, examples: [] },
        ...(maxHistory ? { maxHistory } : {}),
      };
      const workflowId = `rebuild/${randomUUID()}`;
      return server.client.workflow.execute('rebuild', { workflowId, taskQueue, args: [input] });
    };

    const all = { rebuilt: 30, unanswered: 1, examples: ['onboarding/main/onb_2'] };
    expect(await start()).toEqual(all);
    expect(await start(1)).toEqual(all);
    expect(recorded.calls).toHaveLength(6);
  });
});
