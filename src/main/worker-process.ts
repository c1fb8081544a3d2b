import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundleWorkflows } from './bundle.js';
import { workerPlace } from './edge-ports.js';
import { wakeEndpoints } from './endpoints.js';
import { join, sharedPlaces } from './joint.js';
import { keepCurrent } from './keep-current.js';
import { observe } from './observe.js';
import { runWorker } from './run-worker.js';
import type { ProcessOptions } from './server-process.js';
import { untilStopped } from './stop-signal.js';
import { Teardown } from './teardown.js';
import { prepareTemporal } from './temporal-side.js';
import { VERSION } from './version.js';
import { waitFor } from './wait-for.js';
import { watchOver } from './watch-over.js';
import { openWorkerHealth } from './worker-health.js';
import { installMeasuredRuntime } from './worker-runtime.js';

/**
 * `slipway worker`: workflows and activities, as one of any number. Its port tells health and metrics. Resolves when it
 * has stopped. Throws `SettingError` for settings that no waiting mends.
 */
export async function runWorkerProcess({ settings, env, stopping }: ProcessOptions): Promise<void> {
  const shared = sharedPlaces(settings, 'worker');
  const teardown = new Teardown();
  const observation = await observe(env, settings.logLevel, undefined, teardown);
  const { observer } = observation;
  await installMeasuredRuntime(observation);
  observer.gauge('slipway_worker_running', 0);
  let problem: () => string | null = () => 'it has just started.';
  try {
    const health = await openWorkerHealth(workerPlace(settings), {
      problem: () => problem(),
      metricsText: observation.metricsText,
    });
    teardown.add('health', () => health.close());
    const patience = { observer, stopping, waiting: (text: string) => (problem = () => text) };
    const joint = await join(settings, env, shared, observer, patience, teardown);
    watchOver(observation, joint);
    await waitFor('Temporal', () => prepareTemporal(joint.temporal), patience);
    // The build has left a bundle; only a program that was never built makes one, and that where it may write.
    const bundlePath = await bundleWorkflows(
      path.join(tmpdir(), 'slipway-bundles'),
      joint.temporal.payloads?.failureConverterPath,
    );
    wakeEndpoints({ ...joint, observer }, teardown).start();
    // Begun before the worker, so that at a stop it ends after it: a look that hangs keeps no task under way from its end.
    teardown.add(
      'followers',
      keepCurrent(observer, () => joint.inForce.refresh()),
    );
    const worker = await waitFor('a worker', () => runWorker({ ...joint, settings, bundlePath, observer }), patience);
    teardown.add('worker', () => worker.stop());
    problem = () => (worker.isUp() ? null : 'the worker has ended and is started again');
    observer.log('info', 'slipway worker runs', { version: VERSION, port: health.port });
    await untilStopped(stopping);
    problem = () => 'it is stopping.';
  } catch (error) {
    if (!stopping.aborted) throw error;
  } finally {
    await teardown.run((name, error) =>
      observer.log('error', `stopping the ${name} failed`, { reason: String(error) }),
    );
  }
  observer.log('info', 'slipway worker has stopped');
}
