import { setTimeout as delay } from 'node:timers/promises';
import type { NativeConnection, Worker } from '@temporalio/worker';
import type { Observer } from '../contracts/observer.js';

export interface WorkerTending {
  readonly connect: () => Promise<NativeConnection>;
  readonly create: (connection: NativeConnection) => Promise<Worker>;
  /** What it is called in the log. */
  readonly name: string;
  /** Told at each begin and end. */
  readonly running?: (isRunning: boolean) => void;
  readonly observer: Observer;
}

export interface TendedWorker {
  /** Whether it takes tasks now. */
  isUp(): boolean;
  /** Takes no task any more and lets calls under way end, up to the worker's own limit. */
  stop(): Promise<void>;
}

/** Real. How long a worker that ended by itself is left down before the next one. */
const AGAIN_AFTER_MS = 2_000;

/**
 * Keeps a worker up. A worker gives up when its server is away for long; events are taken all the same, and it comes
 * back with the server. Rejects only where the first one cannot be made.
 */
export async function tendWorker(tending: WorkerTending): Promise<TendedWorker> {
  const stopping = new AbortController();
  let current = await start(tending);
  const tended = tend();

  async function tend(): Promise<void> {
    for (;;) {
      await current.ended;
      if (stopping.signal.aborted) return;
      const next = await again(tending, stopping.signal);
      if (next) current = next;
    }
  }

  return {
    isUp: () => current.isUp(),
    async stop() {
      stopping.abort();
      current.shutdown();
      await tended;
    },
  };
}

interface RunningWorker {
  isUp(): boolean;
  readonly ended: Promise<void>;
  shutdown(): void;
}

async function start(tending: WorkerTending): Promise<RunningWorker> {
  const connection = await tending.connect();
  const worker = await tending.create(connection).catch(async (error: unknown) => {
    await connection.close();
    throw error;
  });
  return {
    ended: runToItsEnd(worker, connection, tending),
    isUp: () => worker.getState() === 'RUNNING',
    shutdown: () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
    },
  };
}

async function runToItsEnd(
  worker: Worker,
  connection: NativeConnection,
  { name, running, observer }: WorkerTending,
): Promise<void> {
  try {
    running?.(true);
    await worker.run();
  } catch (error) {
    observer.log('error', `the ${name} ended by itself`, { reason: String(error) });
  }
  running?.(false);
  await connection.close().catch(() => {});
}

async function again(tending: WorkerTending, stopping: AbortSignal): Promise<RunningWorker | undefined> {
  try {
    await delay(AGAIN_AFTER_MS, undefined, { signal: stopping });
    const next = await start(tending);
    tending.observer.log('info', `the ${tending.name} is up again`);
    if (stopping.aborted) next.shutdown();
    return next;
  } catch (error) {
    if (!stopping.aborted)
      tending.observer.log('warn', `no ${tending.name} could be started`, { reason: String(error) });
    return undefined;
  }
}
