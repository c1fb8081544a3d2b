import type { Gateway } from '../contracts/gateway.js';
import { TASK_QUEUE } from '../contracts/task-queue.js';
import type { Store } from '../store/store.js';
import { createVitals } from '../temporal/vitals.js';
import { showFirstSeries } from './first-series.js';
import { createObservation, type Observation } from './observer.js';
import type { PolicyInForce } from './policy-in-force.js';
import type { Environment, LogLevel } from './settings.js';
import type { TemporalLink } from './temporal-side.js';
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
