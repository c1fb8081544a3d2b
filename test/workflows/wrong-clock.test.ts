import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { workflowId } from '../../src/contracts/ids.js';
import { toReal } from '../../src/domain/time/clock.js';
import { fact, fastClock, MONDAY_9, newKey } from '../support/onboarding-fixture.js';
import { eventually, sharedTemporal, type TestServer, testBundle, testGateway } from '../support/temporal.js';

const LOADER = join(import.meta.dirname, '../support/typescript-loader.mjs');
const SKEWED = join(import.meta.dirname, '../faults/skewed-clock.mjs');
const SCRIPT = join(import.meta.dirname, 'killed-worker.ts');
const A_DAY = 86_400_000;
/** Real ms: what a busy machine takes from the instant of a timer until its call is seen. */
const SEEN_WITHIN_MS = 10_000;

describe('a worker whose clock is wrong', () => {
  let server: TestServer;
  let directory: string;
  const children: ChildProcess[] = [];
  beforeEach(async () => {
    server = await sharedTemporal();
    directory = mkdtempSync(join(tmpdir(), 'slipway-clock-'));
  });
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** How long after its instant each of the first two messages was seen, with such a worker; real ms. */
  async function waits(skewMs: number): Promise<number[]> {
    const taskQueue = `test-${randomUUID()}`;
    const notes = join(directory, String(skewMs));
    const args = ['--import', SKEWED, '--import', LOADER, SCRIPT, server.address, taskQueue, await testBundle(), notes];
    const env = { ...process.env, FAULTS_CLOCK_SKEW_MS: String(skewMs) };
    children.push(spawn(process.execPath, args, { stdio: 'ignore', env }));
    const key = newKey();
    const clock = fastClock(1);
    const gateway = testGateway(server, taskQueue, clock);
    await gateway.signalEvents(key, [fact('created', MONDAY_9, { phase: 'kickoff', owner: 'mia@vendor.example' })]);

    const seenAt = new Map<string, number>();
    await eventually(() => {
      for (const call of existsSync(notes) ? readFileSync(notes, 'utf8').trim().split('\n') : [])
        if (!seenAt.has(call)) seenAt.set(call, Date.now());
      return seenAt.size >= 2 || undefined;
    }, 90_000);

    const state = await gateway.state(key);
    await server.client.workflow.getHandle(workflowId('onboarding', key)).terminate('The test is over.');
    const sends = (state?.escalations ?? []).flatMap((escalation) => escalation.sends);
    const dueAt = (call: string) => sends.find((send) => send.key === call)?.dueAt ?? Number.NaN;
    return [...seenAt].map(([call, at]) => at - toReal(clock, dueAt(call)));
  }

  it('by a day chases at the same instants: they are the server’s (D2)', { timeout: 120_000 }, async () => {
    const [ahead, behind] = await Promise.all([waits(A_DAY), waits(-A_DAY)]);

    expect([ahead.length, behind.length]).toEqual([2, 2]);
    for (const wait of [...ahead, ...behind]) {
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThan(SEEN_WITHIN_MS);
    }
  });
});
