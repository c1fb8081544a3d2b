import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client, Connection } from '@temporalio/client';
import { NativeConnection, Runtime, DefaultLogger, type Worker } from '@temporalio/worker';
import type { Activities } from '../../src/contracts/activities.js';
import type { Gateway } from '../../src/contracts/gateway.js';
import type { Clock } from '../../src/domain/time/clock.js';
import { defaultCacheDir, findTemporal, temporalEnvironment } from '../../src/embedded/temporal-binary.js';
import { bundleWorkflows } from '../../src/main/bundle.js';
import { createSlipwayWorker } from '../../src/main/worker.js';
import { connectTemporal } from '../../src/temporal/connection.js';
import { createGateway } from '../../src/temporal/gateway.js';
import { ensureNamespace } from '../../src/temporal/namespace.js';
import { registerSearchAttributes } from '../../src/temporal/search-attributes.js';

/** The namespace every test file shares; they keep apart by task queue and by ids. */
export const NAMESPACE = 'slipway-test';

const SHARED = join(tmpdir(), `slipway-vitest-${process.ppid}`);
const STARTED_WITHIN_MS = 90_000;

export interface TestServer {
  readonly address: string;
  readonly connection: Connection;
  readonly client: Client;
  close(): Promise<void>;
}

/**
 * The one real Temporal server of a vitest run: the file that comes first starts it, the others find it by a directory
 * named after the runner's process, and a watcher stops it when the runner is gone.
 */
export async function sharedTemporal(): Promise<TestServer> {
  const address = await sharedAddress();
  const { connection, client, close } = connectTemporal({ options: { address }, namespace: NAMESPACE });
  return { address, connection, client, close };
}

export interface TestWorker {
  readonly worker: Worker;
  /** Drains and ends it. */
  stop(): Promise<void>;
}

/**
 * How many workflows a worker of a test keeps in memory: two if not told otherwise, so that what has more of them replays
 * at nearly every task. `SLIPWAY_TEST_NO_CACHE=1` has every worker keep none (0; the SDK takes 1 for 2), so that every
 * task replays its run from its start. Where several workflows are at work the SDK may drop the task of one whose local
 * activity is under way to make room for another ("This is an SDK bug"): nothing is lost, but it comes again after 10 s.
 */
export function cachedWorkflows(wanted = 2): number {
  return process.env['SLIPWAY_TEST_NO_CACHE'] === '1' ? 0 : wanted;
}

export async function testWorker(
  server: TestServer,
  settings: { taskQueue: string; activities: Activities; bundlePath?: string; maxCachedWorkflows?: number },
): Promise<TestWorker> {
  quiet();
  const nativeConnection = await NativeConnection.connect({ address: server.address });
  const worker = await createSlipwayWorker({
    nativeConnection,
    namespace: NAMESPACE,
    taskQueue: settings.taskQueue,
    bundlePath: settings.bundlePath ?? (await testBundle()),
    activities: settings.activities,
    maxCachedWorkflows: cachedWorkflows(settings.maxCachedWorkflows),
  });
  const ended = worker.run();
  return {
    worker,
    async stop() {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await ended;
      await nativeConnection.close();
    },
  };
}

export function testGateway(server: TestServer, taskQueue: string, clock: Clock, maxHistory?: number): Gateway {
  return createGateway({ client: server.client, taskQueue, clock, ...(maxHistory ? { maxHistory } : {}) });
}

export const testBundle = (): Promise<string> => bundleWorkflows(join(tmpdir(), 'slipway-test-bundles'));

/** Looks again until `look` gives something; for what a worker does in its own time. Real ms. */
export async function eventually<T>(look: () => Promise<T | undefined> | T | undefined, withinMs = 20_000): Promise<T> {
  const until = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > until) throw new Error(`It did not come about within ${withinMs} ms.`);
    await pause(40);
  }
}

let installed = false;
export function quiet(): void {
  if (installed) return;
  installed = true;
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'ERROR' } } });
}

async function sharedAddress(): Promise<string> {
  const file = join(SHARED, 'address');
  if (claim()) {
    const address = await startServer();
    writeFileSync(`${file}.draft`, address);
    renameSync(`${file}.draft`, file);
    return address;
  }
  const until = Date.now() + STARTED_WITHIN_MS;
  while (!existsSync(file)) {
    if (Date.now() > until) throw new Error('The Temporal server of this test run did not start.');
    await pause(50);
  }
  return readFileSync(file, 'utf8');
}

function claim(): boolean {
  try {
    mkdirSync(SHARED);
    return true;
  } catch {
    return false;
  }
}

async function startServer(): Promise<string> {
  const binary = await findTemporal(defaultCacheDir(), join(tmpdir(), 'slipway-test-cache'), () => {});
  const port = await freePort();
  const child = spawn(
    binary,
    // biome-ignore format: option beside its value
    ['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'never',
      '--dynamic-config-value', 'history.timerProcessorMaxTimeShift="20ms"',
      // A history goes once its close is on every list, which the server notes for itself no more than every 30 s.
      '--dynamic-config-value', 'history.transferProcessorUpdateAckInterval="1s"',
      '--dynamic-config-value', 'history.visibilityProcessorUpdateAckInterval="1s"'],
    { detached: true, stdio: 'ignore', env: temporalEnvironment() },
  );
  child.unref();
  watch(child.pid as number);
  const address = `127.0.0.1:${port}`;
  const { connection, close } = connectTemporal({ options: { address }, namespace: NAMESPACE });
  await eventually(() => connection.workflowService.getSystemInfo({}).catch(() => undefined), STARTED_WITHIN_MS);
  await ensureNamespace(connection, NAMESPACE, 90);
  await registerSearchAttributes(connection, NAMESPACE);
  await close();
  return address;
}

/** Stops the server when the test runner has ended, however it ended. */
function watch(server: number): void {
  const script = `
    const alive = (pid) => { try { process.kill(pid, 0); return true } catch { return false } };
    setInterval(() => {
      if (alive(${process.ppid})) return;
      try { process.kill(${server}, 'SIGTERM') } catch {}
      require('fs').rmSync(${JSON.stringify(SHARED)}, { recursive: true, force: true });
      process.exit();
    }, 500);`;
  spawn(process.execPath, ['-e', script], { detached: true, stdio: 'ignore' }).unref();
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
