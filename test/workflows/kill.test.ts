import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { workflowId } from '../../src/contracts/ids.js';
import type { OnboardingState } from '../../src/domain/onboarding/state.js';
import { fact, fastClock, MONDAY_9, newKey } from '../support/onboarding-fixture.js';
import { eventually, sharedTemporal, type TestServer, testBundle, testGateway } from '../support/temporal.js';

const LOADER = join(import.meta.dirname, '../support/typescript-loader.mjs');
const SCRIPT = join(import.meta.dirname, 'killed-worker.ts');

describe('a worker that is killed in mid-ladder', () => {
  let server: TestServer;
  let directory: string;
  let child: ChildProcess | undefined;
  beforeEach(async () => {
    server = await sharedTemporal();
    directory = mkdtempSync(join(tmpdir(), 'slipway-kill-'));
  });
  afterEach(async () => {
    child?.kill('SIGKILL');
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('is followed by one that sends what is left, and nothing twice', { timeout: 120_000 }, async () => {
    const taskQueue = `test-${randomUUID()}`;
    const key = newKey();
    const gateway = testGateway(server, taskQueue, fastClock(2));
    const notes = join(directory, 'calls');
    const bundle = await testBundle();
    const start = () => {
      const args = ['--import', LOADER, SCRIPT, server.address, taskQueue, bundle, notes];
      return spawn(process.execPath, args, { stdio: 'ignore' });
    };
    const calls = () => (existsSync(notes) ? readFileSync(notes, 'utf8').trim().split('\n') : []);
    await gateway.signalEvents(key, [fact('created', MONDAY_9, { phase: 'kickoff', owner: 'mia@vendor.example' })]);

    child = start();
    await eventually(() => calls().length === 1 || undefined, 60_000);
    child.kill('SIGKILL');
    child = start();
    const done = await eventually(async () => {
      const state: OnboardingState | undefined = await gateway.state(key).catch(() => undefined);
      const [one] = state?.escalations ?? [];
      return one && one.level === 3 && one.sends.every((send) => send.status === 'sent') ? one : undefined;
    }, 90_000);

    expect(done.sends.map((send) => send.recipient.id)).toEqual(['mia', 'tom', 'eve']);
    // The first call may have been on its way when it was hit: then it goes out again under the same key.
    expect([...new Set(calls())]).toEqual(done.sends.map((send) => send.key));
    await server.client.workflow.getHandle(workflowId('onboarding', key)).terminate('The test is over.');
  });
});
