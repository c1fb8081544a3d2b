import path from 'node:path';
import { TASK_QUEUE } from '../contracts/task-queue.js';
import { CATALOGUE } from '../contracts/api-catalogue.js';
import type { Clock } from '../domain/time/clock.js';
import { openDataDirectory } from '../embedded/data-directory.js';
import { startPostgres } from '../embedded/postgres.js';
import { forgetRestored, restoredMark } from '../embedded/restored-mark.js';
import { createOutbound } from '../outbound/post.js';
import type { EncryptingConverter } from '../temporal/data-converter.js';
import { createGateway } from '../temporal/gateway.js';
import { announceOnce } from './announce-policy.js';
import { bundleWorkflows } from './bundle.js';
import { ownIngress, places, portsCanBeHad } from './edge-ports.js';
import { wakeEndpoints } from './endpoints.js';
import { variablesOf } from './environment.js';
import { keepClock, StoreClock } from './keep-clock.js';
import { observe, watchOver } from './observe.js';
import { putIntoForce, readPolicyFile } from './policy-file-here.js';
import { followPolicy, type PolicyInForce } from './policy-in-force.js';
import { payloadsOf } from './payloads.js';
import { createRebuilding } from './rebuilding.js';
import { runWorker } from './run-worker.js';
import { scheduleRetention } from './schedule-retention.js';
import { NO_SECRET_KEY, secretKey } from './secret-key.js';
import { serve } from './serve.js';
import { dispatcherOf } from './serve-edge.js';
import type { Environment, Settings } from './settings.js';
import { ownSecret, signingSecret, Sources } from './source-secrets.js';
import { openMigrated } from './store-side.js';
import type { Store } from '../store/store.js';
import { Teardown } from './teardown.js';
import { checkBelonging, linkTemporal, prepareTemporal, settleIn, startTemporalServer } from './temporal-side.js';
import { VERSION } from './version.js';
import { installMeasuredRuntime } from './worker-runtime.js';

export interface StartOptions {
  readonly settings: Settings;
  readonly env: Environment;
  /** Makes the workflows anew from the archive where the store came from another Temporal server. */
  readonly rebuild?: boolean;
  readonly progress: (text: string) => void;
  /** Aborted where starting is not wanted any more: it is given up at the next step, and what was started is stopped. */
  readonly stopping?: AbortSignal;
}

/** A Slipway that serves. */
export interface Running {
  readonly edgeUrl: string;
  readonly consoleUrl: string;
  readonly temporalUiUrl: string | null;
  readonly clock: Clock;
  readonly dataDir: string;
  /** Shown once: the secret that was made because none was set. */
  readonly madeSecret: string | undefined;
  /** Signs for the first source. */
  readonly signingSecret: string | undefined;
  readonly warnings: readonly string[];
  stop(): Promise<void>;
}

/**
 * Brings up everything on this machine, in an order in which nothing is accepted that cannot be kept and nobody is
 * chased before what waits in the inbox was heard. Throws one sentence for people; then all that was started is stopped.
 */
export async function startSlipway(options: StartOptions): Promise<Running> {
  const teardown = new Teardown();
  try {
    return await bringUp(options, teardown);
  } catch (error) {
    await teardown.run(() => {});
    throw error;
  }
}

async function bringUp(
  { settings, env, rebuild = false, progress, stopping }: StartOptions,
  teardown: Teardown,
): Promise<Running> {
  const startedAt = Date.now();
  const read = readPolicyFile(settings.configFile, startedAt);
  // The directory first: of two starts with the same settings, the second is to hear of the first, and not of its ports.
  const dataDirectory = openDataDirectory(settings.dataDir);
  teardown.add('data directory', () => dataDirectory.release());
  const at = places(settings);
  await portsCanBeHad(at);
  const own = ownSecret(dataDirectory.path);
  const given = variablesOf(env);
  const first = read.file.sources[0]?.secretEnv;
  const variable = (name: string) => given(name) || (name === first ? own.text : undefined);
  const observation = await observe(env, settings.logLevel, path.join(dataDirectory.path, 'slipway.log'), teardown);
  const { observer } = observation;
  let inForce: PolicyInForce | undefined;
  // Before anything is brought up: a secret that cannot be used is told at once.
  const sources = new Sources({
    settings: () => inForce?.file().sources ?? read.file.sources,
    variable,
    warn: (message) => observer.log('warn', message),
  });
  await installMeasuredRuntime(observation);

  const [database, server, bundlePath] = await startServers(
    settings,
    dataDirectory.path,
    payloadsOf(env),
    progress,
    teardown,
  );
  stopping?.throwIfAborted();
  const key = secretKey(given('SLIPWAY_SECRET_KEY'), settings.databaseUrl === undefined ? dataDirectory.path : null);
  const storeClock = new StoreClock();
  const store = await openMigrated(
    { url: database.url, observer, virtualNow: storeClock.now, ...(key ? { secretKey: key } : {}) },
    settings.databaseUrl !== undefined,
    teardown,
  );
  progress('Store migrated');
  const clock = storeClock.set(await keepClock(store.meta, settings.clockSpeed, startedAt));
  await store.webhooks.eventTypes.publish(CATALOGUE);

  const temporal = linkTemporal(server, env);
  teardown.add('Temporal connection', () => temporal.close());
  const findings = await prepareTemporal(temporal);
  const belonging = await checkBelonging(store.meta, temporal.address, findings.namespaceId, rebuild);
  const gateway = createGateway({ client: temporal.client, taskQueue: TASK_QUEUE, clock });

  const outbound = createOutbound({ allowPrivate: settings.allowPrivateTargets, exempt: ownIngress(settings) });
  teardown.add('outbound connections', () => outbound.close());
  await putIntoForce(store.policies, store.meta, read);
  const followed = await followPolicy({ policies: store.policies, variable, outbound, observer, now: Date.now });
  if (!followed) throw new Error('the policy that was just published is not there');
  inForce = followed;
  teardown.add('channels', () => followed.close());
  sources.refresh();
  watchOver(observation, { store, gateway, temporal, inForce });

  const dispatcher = dispatcherOf({ store, gateway, observer }, temporal.embedded);
  const waker = wakeEndpoints({ store, temporal, clock, observer }, teardown);
  if (belonging === 'new') {
    const rebuilding = createRebuilding({ store, clock, gateway, temporal, observer });
    const { onboardings, customers } = await rebuilding.every.run();
    progress(`Made anew: ${onboardings} onboardings and ${customers} customers`);
    await settleIn(store.meta, findings.namespaceId);
  }
  await tellAgain(dataDirectory.path, store);
  teardown.add('dispatcher', () => dispatcher.stop());
  const drained = await dispatcher.drain();
  if (drained) progress(`Inbox drained: ${drained} events signalled`);
  stopping?.throwIfAborted();

  const worker = await runWorker({
    settings,
    clock,
    store,
    gateway,
    inForce,
    temporal,
    bundlePath,
    outbound,
    observer,
  });
  teardown.add('worker', () => worker.stop());
  progress('Worker runs');
  await scheduleRetention(temporal, clock, observer);
  await announceOnce(store.meta, gateway, inForce.hash());

  dispatcher.start();
  waker.start();
  const standing = [...(findings.warning ? [findings.warning] : []), ...(key ? [] : [NO_SECRET_KEY])];
  const warnings = () => standing;
  const urls = await serve(
    {
      settings,
      at,
      startedAt,
      clock,
      store,
      gateway,
      temporal,
      temporalProblem: () => null,
      inForce: followed,
      sources,
      dispatcher,
      waker,
      warnings,
      metricsText: observation.metricsText,
      observer,
    },
    teardown,
  );

  const isOwn = first !== undefined && !given(first);
  if (isOwn) own.keep();
  observer.log('info', 'slipway serves', { version: VERSION, speed: clock.speed });
  return {
    ...urls,
    temporalUiUrl: temporal.uiUrl,
    clock,
    dataDir: dataDirectory.path,
    madeSecret: isOwn && own.isNew ? own.text : undefined,
    signingSecret: first && signingSecret(variable(first)),
    warnings: [...sources.problems(), ...inForce.channels().problems, ...standing],
    stop: () =>
      teardown.run((name, error) => observer.log('error', `stopping the ${name} failed`, { reason: String(error) })),
  };
}

/** Longer than an unsynced Temporal server keeps anything in memory only. */
const MAY_BE_FORGOTTEN_MS = 10 * 60_000;

/** On a directory that was restored: what was signalled since the copy of Temporal's file, and shortly before. */
async function tellAgain(dataDir: string, { inbox }: Store): Promise<void> {
  const restored = restoredMark(dataDir);
  if (!restored) return;
  if (restored.frozenAt !== null) await inbox.reviveSignalledSince(restored.frozenAt - MAY_BE_FORGOTTEN_MS);
  forgetRestored(dataDir);
}

/** The two servers and the bundle at the same time: together they take as long as the slowest. */
async function startServers(
  settings: Settings,
  dataDir: string,
  payloads: EncryptingConverter | undefined,
  progress: (text: string) => void,
  teardown: Teardown,
) {
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
  return [postgres.value, temporal.value, bundle.value] as const;
}
