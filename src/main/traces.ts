import type { Observer } from '../contracts/observer.js';
import type { Traces } from './otlp-traces.js';
import type { Environment } from './settings.js';
import { VERSION } from './version.js';

/** Whether OpenTelemetry's own variables ask for traces: an endpoint is set, and nothing turns them off. */
export function areTracesWanted(env: Environment): boolean {
  const isSet = Boolean(env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT);
  return isSet && env.OTEL_SDK_DISABLED?.toLowerCase() !== 'true' && env.OTEL_TRACES_EXPORTER !== 'none';
}

/**
 * Traces over OTLP/HTTP (JSON). Undefined, and nothing of OpenTelemetry loaded, where they are not wanted. Endpoint,
 * headers, timeouts, resource and sampling are OpenTelemetry's own variables.
 */
export async function openTraces(env: Environment, log: Observer['log']): Promise<Traces | undefined> {
  if (!areTracesWanted(env)) return undefined;
  const { startTraces } = await import('./otlp-traces.js');
  return startTraces(env, log, VERSION);
}
