import { createObservation, type Observation } from './observer.js';
import type { Environment, LogLevel } from './settings.js';
import type { Teardown } from './teardown.js';
import { openTraces } from './traces.js';
import { VERSION } from './version.js';

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
