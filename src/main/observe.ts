import type { Gateway } from '../contracts/gateway.js';
import { TASK_QUEUE } from '../contracts/task-queue.js';
import { anyFreePort } from '../embedded/free-port.js';
import type { Store } from '../store/store.js';
import { createVitals } from '../temporal/vitals.js';
import { showFirstSeries } from './first-series.js';
import { createObservation, type Observation } from './observer.js';
import type { PolicyInForce } from './policy-in-force.js';
import type { Environment, LogLevel } from './settings.js';
import { installRuntime, type TemporalLink } from './temporal-side.js';
import type { Teardown } from './teardown.js';
import { openTraces } from './traces.js';
import { VERSION } from './version.js';
import { createWatch } from './watch.js';

/** Logs, metrics and, where OpenTelemetry's variables ask for them, traces of this process. The first thing opened. */
export async function observe(
  env: Environment,
  level: LogLevel,
  logFile: string | undefined,
  teardown: Teardown,
): Promise<Observation> {
  const observation = createObservation(level, logFile);
  observation.observer.gauge('slipway_build_info', 1, { version: VERSION, node: process.version });
  const traces = await openTraces(env, observation.observer.log);
  if (!traces) return observation;
  teardown.add('traces', () => traces.close());
  return { ...observation, observer: { ...observation.observer, trace: traces.trace } };
}

/** Lets each scrape look at the store and at Temporal, and show what has not been counted yet. */
export function watchOver(
  { observer, onScrape }: Observation,
  {
    store,
    gateway,
    temporal,
    inForce,
  }: { store: Store; gateway: Gateway; temporal: TemporalLink; inForce: PolicyInForce },
): void {
  const vitals = createVitals(temporal.client, TASK_QUEUE);
  onScrape(async () => {
    const sources = inForce.file().sources.map(({ name }) => name);
    showFirstSeries(observer, { sources, channels: [...inForce.channels().channels.keys()] });
  });
  onScrape(createWatch({ store, gateway, vitals, observer, now: Date.now }));
}

const TRIES = 3;
const SDK_ANSWERS_WITHIN_MS = 1_000;

/**
 * Temporal's runtime with its own metrics in our scrape: it tells them on a port of the loopback alone, and one scrape
 * has both. Without them where no port can be had; the worker matters more.
 */
export async function installMeasuredRuntime({ observer, append }: Observation): Promise<void> {
  for (let n = 0; n < TRIES; n++) {
    const address = `127.0.0.1:${await anyFreePort()}`;
    try {
      installRuntime(observer, address);
      return append(() => sdkMetrics(address));
    } catch (error) {
      // Somebody else took the port in between.
      observer.log('debug', "the port for Temporal's metrics was taken", { reason: String(error) });
    }
  }
  observer.log('warn', "no port could be had for Temporal's own metrics: they are missing in /metrics");
  installRuntime(observer);
}

async function sdkMetrics(address: string): Promise<string> {
  const response = await fetch(`http://${address}/metrics`, { signal: AbortSignal.timeout(SDK_ANSWERS_WITHIN_MS) });
  return (await response.text()).replace(/# EOF\s*$/, '');
}
