import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultPayloadConverter } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EndpointInput } from '../../src/contracts/endpoint.js';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import { defaultCacheDir, findTemporal, temporalEnvironment } from '../../src/embedded/temporal-binary.js';
import { connectTemporal } from '../../src/temporal/connection.js';
import { eventually } from '../support/temporal.js';
import { type EndpointStand, endpointStand, openSite, type Site } from './endpoint-stand.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** When each of the eight tries is due, counted from the first: what a receiver that never answers 2xx goes through. */
const TRIES = [
  0,
  5 * SECOND,
  5 * MINUTE + 5 * SECOND,
  35 * MINUTE + 5 * SECOND,
  2 * HOUR + 35 * MINUTE + 5 * SECOND,
  7 * HOUR + 35 * MINUTE + 5 * SECOND,
  17 * HOUR + 35 * MINUTE + 5 * SECOND,
  24 * HOUR,
];

/** The first server that can pass over time; where an older `temporal` is on PATH the tests are left out and say so. */
const SKIPS_SINCE = 32;

describe('the eight tries of a day, on the clock of production', () => {
  let server: SkippingServer;
  let site: Site;
  let it_: EndpointStand;
  beforeAll(async () => {
    server = await serverThatSkipsTime();
    site = await openSite(server.address);
    it_ = endpointStand(site, REAL_CLOCK);
  });
  afterAll(async () => {
    await site?.close();
    server?.child.kill('SIGKILL');
  });

  it('are made to the second, and then the endpoint waits for a message', { timeout: 60_000 }, async (test) => {
    test.skip(server.minor < SKIPS_SINCE, 'this Temporal server cannot pass over time');
    let firstAt = 0;
    it_.answer = async ({ number }) => {
      if (number === 1) firstAt = (await scheduledAt(it_))[0] ?? 0;
      const next = TRIES[number];
      const at = firstAt + (TRIES[number - 1] ?? 0);
      return next === undefined ? { at } : { at, nextAt: firstAt + next, pending: 1 };
    };
    await startSkipping(it_);
    await it_.settled(TRIES.length);

    const [first = 0, ...rest] = await scheduledAt(it_);
    const late = rest.map((at, n) => at - first - (TRIES[n + 1] ?? 0));
    expect(late).toHaveLength(7);
    for (const ms of late) expect(Math.abs(ms)).toBeLessThan(SECOND);
    expect(await it_.count('timerStartedEventAttributes')).toBe(7);
  });
});

/** When the server was asked for each look, on its own clock, which passes over the time in which a workflow only waits. */
async function scheduledAt(stand: EndpointStand): Promise<number[]> {
  const { events } = await stand.handle.fetchHistory();
  const scheduled = (events ?? []).filter((event) => event.activityTaskScheduledEventAttributes);
  return scheduled.map(({ eventTime }) => Number(eventTime?.seconds) * 1_000 + Number(eventTime?.nanos) / 1e6);
}

async function startSkipping({ key, handle, site: { client, namespace, taskQueue } }: EndpointStand): Promise<void> {
  const input: EndpointInput = { endpoint: key, clock: REAL_CLOCK, title: 'Endpoint of the test' };
  await client.workflowService.startWorkflowExecution({
    namespace,
    requestId: key.id,
    workflowId: handle.workflowId,
    workflowType: { name: 'endpoint' },
    taskQueue: { name: taskQueue },
    input: { payloads: [defaultPayloadConverter.toPayload(input)] },
    timeSkippingConfig: { enabled: true },
  });
}

interface SkippingServer {
  readonly address: string;
  readonly child: ChildProcess;
  /** Of its version, 1.x. */
  readonly minor: number;
}

async function serverThatSkipsTime(): Promise<SkippingServer> {
  const binary = await findTemporal(defaultCacheDir(), join(tmpdir(), 'slipway-test-cache'), () => {});
  const port = await freePort();
  const child = spawn(
    binary,
    // biome-ignore format: option beside its value
    ['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'never',
      '--dynamic-config-value', 'history.timerProcessorMaxTimeShift="20ms"',
      '--dynamic-config-value', 'frontend.WorkflowTimeSkippingEnabled=true'],
    { stdio: 'ignore', env: temporalEnvironment() },
  );
  const address = `127.0.0.1:${port}`;
  const { connection, close } = connectTemporal({ options: { address }, namespace: 'default' });
  const info = await eventually(() => connection.workflowService.getSystemInfo({}).catch(() => undefined), 60_000);
  await close();
  return { address, child, minor: Number(info.serverVersion.split('.')[1]) };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
