import { NativeConnection, Runtime } from '@temporalio/worker';
import type { Observer } from '../contracts/observer.js';
import { anyFreePort } from '../embedded/free-port.js';
import type { Observation } from './observer.js';
import { type TemporalLink, unusable } from './temporal-side.js';

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

/**
 * Temporal's own runtime takes no signals: stopping is ours, and in our order. Its metrics are told at `metricsAt`, an
 * address; throws where that is taken, and may be called again then.
 */
function installRuntime(observer: Observer, metricsAt?: string): void {
  const level = { TRACE: 'debug', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;
  Runtime.install({
    shutdownSignals: [],
    logger: {
      log: (at, message) => observer.log(level[at], message),
      trace: () => {},
      debug: () => {},
      info: (message) => observer.log('info', message),
      warn: (message) => observer.log('warn', message),
      error: (message) => observer.log('error', message),
    },
    telemetryOptions: {
      logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } },
      ...(metricsAt ? { metrics: prometheusAt(metricsAt) } : {}),
    },
  });
}

/** Prometheus' own conventions for names and units. */
const prometheusAt = (bindAddress: string) => ({
  attachServiceName: false,
  prometheus: {
    bindAddress,
    countersTotalSuffix: true,
    unitSuffix: true,
    useSecondsForDurations: true,
    // The SDK's own end at 10 s for a metric it does not know; a timer that waits for a worker waits longer.
    histogramBucketOverrides: {
      slipway_apply_lag: [0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600, 14_400],
      slipway_timer_lateness: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600],
    },
  },
});

/** Throws a sentence for people: a worker has a connection of its own, which speaks TLS by another library. */
export async function connectWorker({ settings, address }: TemporalLink): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(settings.options);
  } catch (error) {
    throw unusable(address, error);
  }
}
