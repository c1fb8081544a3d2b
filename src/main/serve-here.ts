import { CATALOGUE } from '../contracts/api-catalogue.js';
import { TASK_QUEUE } from '../contracts/task-queue.js';
import type { SourceSettings } from '../domain/policy/policy-file.js';
import type { Clock } from '../domain/time/clock.js';
import { forgetRestored, restoredMark } from '../embedded/restored-mark.js';
import { createOutbound } from '../outbound/post.js';
import type { Store } from '../store/store.js';
import { createGateway } from '../temporal/gateway.js';
import { announceOnce } from './announce-policy.js';
import { ownIngress, type places } from './edge-ports.js';
import { wakeEndpoints } from './endpoints.js';
import { keepClock, StoreClock } from './keep-clock.js';
import { watchOver } from './watch-over.js';
import type { Observation } from './observer.js';
import { putIntoForce, type readPolicyFile } from './policy-file-here.js';
import { followPolicy } from './policy-in-force.js';
import { createRebuilding } from './rebuilding.js';
import { runWorker } from './run-worker.js';
import { scheduleRetention } from './schedule-retention.js';
import { NO_SECRET_KEY, secretKey } from './secret-key.js';
import { serve } from './serve.js';
import { dispatcherOf } from './serve-edge.js';
import type { Environment, Settings } from './settings.js';
import type { Sources } from './source-secrets.js';
import type { StartedServers } from './start-servers.js';
import { openMigrated } from './store-side.js';
import type { Teardown } from './teardown.js';
import { checkBelonging, linkTemporal, prepareTemporal, settleIn } from './temporal-side.js';
import type { TendedWorker } from './tend-worker.js';
import { waitFor } from './wait-for.js';
import { installMeasuredRuntime } from './worker-runtime.js';

/** What a start has checked before it brought up the servers. */
export interface Ground {
  readonly settings: Settings;
  readonly env: Environment;
  readonly rebuild: boolean;
  readonly progress: (text: string) => void;
  readonly stopping: AbortSignal | undefined;
  /** Real epoch ms. */
  readonly startedAt: number;
  readonly at: ReturnType<typeof places>;
  readonly read: ReturnType<typeof readPolicyFile>;
  readonly dataDir: string;
  readonly variable: (name: string) => string | undefined;
  readonly sources: Sources;
  /** From then on the sources are those of the policy in force. */
  readonly followSources: (inForce: () => readonly SourceSettings[]) => void;
  readonly observation: Observation;
}

export interface Serving {
  readonly edgeUrl: string;
  readonly consoleUrl: string;
  readonly temporalUiUrl: string | null;
  readonly clock: Clock;
  readonly warnings: readonly string[];
}

/**
 * Store, edge, console and worker over servers that are up, in an order in which nothing is accepted that cannot be kept
 * and nobody is chased before what waits in the inbox was heard. Events are taken while that is signalled, which may take
 * minutes: senders are not to wait for it.
 */
export async function serveHere(
  ground: Ground,
  { database, server, bundlePath }: StartedServers,
  teardown: Teardown,
): Promise<Serving> {
  const { settings, env, rebuild, progress, stopping, startedAt, at, read, dataDir } = ground;
  const { variable, sources, followSources, observation } = ground;
  const { observer } = observation;
  await installMeasuredRuntime(observation);
  const key = secretKey(variable('SLIPWAY_SECRET_KEY'), settings.databaseUrl === undefined ? dataDir : null);
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
  const inForce = await followPolicy({ policies: store.policies, variable, outbound, observer, now: Date.now });
  if (!inForce) throw new Error('the policy that was just published is not there');
  teardown.add('channels', () => inForce.close());
  followSources(() => inForce.file().sources);
  watchOver(observation, { store, gateway, temporal, inForce });

  const dispatcher = dispatcherOf({ store, gateway, observer, inForce }, temporal.embedded);
  const waker = wakeEndpoints({ store, temporal, clock, observer }, teardown);
  if (belonging === 'new') {
    const rebuilding = createRebuilding({ store, clock, gateway, temporal, observer });
    const { onboardings, customers } = await rebuilding.every.run();
    progress(`Made anew: ${onboardings} onboardings and ${customers} customers`);
    await settleIn(store.meta, findings.namespaceId);
  }
  await tellAgain(dataDir, store);
  await dispatcher.revive(await store.inbox.lastHeard());
  await dispatcher.load();

  let worker: TendedWorker | undefined;
  teardown.add('dispatcher', () => dispatcher.stop());
  // Before there is one: whatever is up is stopped after the edge, which a slow stop of it would keep from closing in order.
  teardown.add('worker', () => worker?.stop());
  let starting: string | null = 'what waited in the inbox is signalled first; then the worker starts.';
  const standing = [...(findings.warning ? [findings.warning] : []), ...(key ? [] : [NO_SECRET_KEY])];
  const warnings = () => standing;
  const { edgeUrl, consoleUrl, ...served } = await serve(
    {
      settings,
      at,
      startedAt,
      clock,
      store,
      gateway,
      temporal,
      temporalProblem: () => null,
      starting: () => starting,
      inForce,
      sources,
      dispatcher,
      waker,
      warnings,
      metricsText: observation.metricsText,
      observer,
    },
    teardown,
  );
  progress('Events are taken');

  const drained = await dispatcher.drain(stopping);
  stopping?.throwIfAborted();
  if (drained) progress(`Inbox drained: ${drained} events signalled`);
  dispatcher.start();
  // Events are taken by now: what is not there for a moment is waited for, as a worker of its own would.
  const patience = {
    observer,
    stopping: stopping ?? new AbortController().signal,
    waiting: (why: string) => (starting = why),
  };
  const own = { settings, clock, store, gateway, inForce, temporal, bundlePath, outbound, observer };
  worker = await waitFor('a worker', () => runWorker(own), patience);
  progress('Worker runs');
  await waitFor('the schedule of retention', () => scheduleRetention(temporal, clock, observer), patience);
  await waitFor('the policy to be told', () => announceOnce(store.meta, gateway, inForce.hash()), patience);
  waker.start();
  starting = null;

  const problems = [...sources.problems(), ...inForce.channels().problems, ...served.warnings, ...standing];
  return { edgeUrl, consoleUrl, temporalUiUrl: temporal.uiUrl, clock, warnings: problems };
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
