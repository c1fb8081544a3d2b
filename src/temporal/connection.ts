import { Client, Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { type ClientConnectConfig, loadClientConnectConfig } from '@temporalio/envconfig';

export interface TemporalSettings {
  readonly options: ClientConnectConfig['connectionOptions'];
  readonly namespace: string;
}

export interface TemporalClient {
  readonly connection: Connection;
  readonly client: Client;
  close(): Promise<void>;
}

/**
 * The standard `TEMPORAL_*` variables, read as Temporal's own tools read them; no configuration file. `given` is the
 * whole environment they may be in, and wins nothing over `fallback` where a variable is absent.
 */
export function temporalSettings(
  given: Readonly<Record<string, string | undefined>>,
  fallback: { readonly address: string; readonly namespace: string },
): TemporalSettings {
  const present = Object.entries(given).filter((pair): pair is [string, string] => Boolean(pair[1]));
  const { connectionOptions, namespace } = loadClientConnectConfig({
    overrideEnvVars: Object.fromEntries(present),
    disableFile: true,
  });
  const address = connectionOptions.address ?? fallback.address;
  return { options: { ...connectionOptions, address }, namespace: namespace ?? fallback.namespace };
}

/**
 * A server that is back is found within a second or so (the library's own waits grow to two minutes), and a connection
 * whose far side is gone without a word within twenty (its own 45 s). Servers take a ping each 10 s at most.
 */
const CHANNEL = {
  'grpc.max_reconnect_backoff_ms': 1_000,
  'grpc.keepalive_time_ms': 15_000,
  'grpc.keepalive_timeout_ms': 5_000,
};

export interface ConnectOptions {
  readonly pastProxy?: boolean;
  /** What the workers are given too. */
  readonly dataConverter?: DataConverter | undefined;
}

/** The library waits up to 5 s between the tries of one call; these about 1 s, or 3 s where the server is over its limit. */
const RETRY = makeGrpcRetryInterceptor(defaultGrpcRetryOptions({ factor: 1.3 }));

/**
 * Connects on the first call: the edge serves whether or not Temporal is up. `pastProxy` is for a server on this
 * machine: gRPC takes `http_proxy` for loopback addresses too, where no proxy finds it.
 */
export function connectTemporal(
  { options, namespace }: TemporalSettings,
  { pastProxy = false, dataConverter }: ConnectOptions = {},
): TemporalClient {
  const channelArgs = pastProxy ? { ...CHANNEL, 'grpc.enable_http_proxy': 0 } : CHANNEL;
  const connection = Connection.lazy({ ...options, channelArgs, interceptors: [RETRY] });
  const client = new Client({ connection, namespace, ...(dataConverter ? { dataConverter } : {}) });
  return { connection, client, close: () => connection.close() };
}
