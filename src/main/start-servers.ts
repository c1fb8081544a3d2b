import path from 'node:path';
import { startPostgres } from '../embedded/postgres.js';
import { bundleWorkflows } from './bundle.js';
import { payloadsOf } from './payloads.js';
import type { Environment, Settings } from './settings.js';
import type { Teardown } from './teardown.js';
import { startTemporalServer, type TemporalServer } from './temporal-server.js';

export interface StartedServers {
  readonly database: { readonly url: string };
  readonly server: TemporalServer;
  readonly bundlePath: string;
}

export interface ServersWanted {
  readonly settings: Settings;
  readonly env: Environment;
  readonly dataDir: string;
  readonly progress: (text: string) => void;
}

/**
 * The two servers and the bundle at the same time: together they take as long as the slowest. Throws one sentence for
 * people, before anything is brought up where the payload keys are wrong.
 */
export async function startServers(
  { settings, env, dataDir, progress }: ServersWanted,
  teardown: Teardown,
): Promise<StartedServers> {
  const payloads = payloadsOf(env);
  progress('Starting PostgreSQL and Temporal');
  const database = settings.databaseUrl
    ? Promise.resolve({ url: settings.databaseUrl, stop: async () => {} })
    : startPostgres({ dataDir, progress });
  const server = startTemporalServer(settings, dataDir, payloads, progress);
  const bundled = bundleWorkflows(path.join(dataDir, 'bundles'), payloads?.failureConverterPath);
  const results = await Promise.allSettled([database, server, bundled]);
  const [postgres, temporal, bundle] = results;
  if (postgres.status === 'fulfilled') teardown.add('PostgreSQL', () => postgres.value.stop());
  if (temporal.status === 'fulfilled') teardown.add('Temporal', () => temporal.value.stop());
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  if (postgres.status !== 'fulfilled' || temporal.status !== 'fulfilled' || bundle.status !== 'fulfilled')
    throw new Error('unreachable');
  return { database: postgres.value, server: temporal.value, bundlePath: bundle.value };
}
