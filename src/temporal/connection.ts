import { Client, Connection } from '@temporalio/client';
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
 * Connects on the first call: the edge serves whether or not Temporal is up. `pastProxy` is for a server on this
 * machine: gRPC takes `http_proxy` for loopback addresses too, where no proxy finds it.
 */
export function connectTemporal(
  { options, namespace }: TemporalSettings,
  { pastProxy }: { readonly pastProxy: boolean } = { pastProxy: false },
): TemporalClient {
  const connection = Connection.lazy(
    pastProxy ? { ...options, channelArgs: { 'grpc.enable_http_proxy': 0 } } : options,
  );
  const client = new Client({ connection, namespace });
  return { connection, client, close: () => connection.close() };
}
