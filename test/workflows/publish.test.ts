import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Activities } from '../../src/contracts/activities.js';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import { testPolicy } from '../support/onboarding-fixture.js';
import { recordingActivities } from '../support/recording-activities.js';
import {
  eventually,
  sharedTemporal,
  type TestServer,
  type TestWorker,
  testGateway,
  testWorker,
} from '../support/temporal.js';

type Page = Parameters<Activities['announcePolicy']>[0];

describe('a publish', () => {
  let server: TestServer;
  let worker: TestWorker;
  beforeEach(async () => {
    server = await sharedTemporal();
  });
  afterEach(async () => {
    await worker.stop();
    await server.close();
  });

  it('goes through every page, spread over time', async () => {
    const hash = `pol-${randomUUID()}`;
    const taskQueue = `test-${randomUUID()}`;
    const pages: (Page & { at: number })[] = [];
    const recorded = recordingActivities(testPolicy(), {
      async announcePolicy(page) {
        pages.push({ ...page, at: Date.now() });
        return { cursor: pages.length < 3 ? `onb_${pages.length}` : null, told: 20 };
      },
    });
    worker = await testWorker(server, { taskQueue, activities: recorded.activities });
    const gateway = testGateway(server, taskQueue, REAL_CLOCK);

    await gateway.publishPolicy(hash);
    await server.client.workflow.getHandle(`publish/${hash}`).result();

    expect(pages.map((page) => [page.hash, page.cursor])).toEqual([
      [hash, null],
      [hash, 'onb_1'],
      [hash, 'onb_2'],
    ]);
    // 20 told at 20 a second: a second lies between two pages.
    for (const [n, page] of pages.slice(1).entries()) expect(page.at - (pages[n]?.at ?? 0)).toBeGreaterThan(900);
  });

  it('begins anew where its policy is put back meanwhile: whom it told may have been told of another since', async () => {
    const hash = `pol-${randomUUID()}`;
    const taskQueue = `test-${randomUUID()}`;
    const cursors: (string | null)[] = [];
    const recorded = recordingActivities(testPolicy(), {
      async announcePolicy({ cursor }) {
        cursors.push(cursor);
        return { cursor: cursor === null ? 'onb_1' : null, told: 40 };
      },
    });
    worker = await testWorker(server, { taskQueue, activities: recorded.activities });
    const gateway = testGateway(server, taskQueue, REAL_CLOCK);

    await gateway.publishPolicy(hash);
    await eventually(() => cursors.length > 0 || undefined);
    await gateway.publishPolicy(hash);
    await server.client.workflow.getHandle(`publish/${hash}`).result();

    expect(cursors).toEqual([null, null, 'onb_1']);
  });
});
