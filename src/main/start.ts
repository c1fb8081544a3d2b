import path from 'node:path';
import { createActivities } from '../activities/index.js';
import { createApi } from '../api/app.js';
import type { Link, PolicyReading } from '../api/deps.js';
import type { Observer } from '../contracts/observer.js';
import { TASK_QUEUE } from '../contracts/task-queue.js';
import { createDispatcher } from '../dispatch/dispatcher.js';
import { type Clock, toVirtual } from '../domain/time/clock.js';
import { openDataDirectory } from '../embedded/data-directory.js';
import { startPostgres } from '../embedded/postgres.js';
import { createIngress } from '../ingress/app.js';
import { createOutbound } from '../outbound/post.js';
import { loadPolicy } from '../policy-file/load.js';
import type { Store } from '../store/store.js';
import { createGateway } from '../temporal/gateway.js';
import { bundleWorkflows } from './bundle.js';
import { createWhy } from './explain-why.js';
import { listenAt, places, portsCanBeHad } from './edge-ports.js';
import { keepClock } from './keep-clock.js';
import { createObservation } from './observer.js';
import { putPolicyInForce, readPolicyFile } from './policy-in-force.js';
import type { Environment, Settings } from './settings.js';
import { readSources } from './source-secrets.js';
import { StatesSeen } from './states-seen.js';
import { createStatus } from './status.js';
import { openMigrated } from './store-side.js';
import { tendWorker } from './tend-worker.js';
import { Teardown } from './teardown.js';
import {
  checkBelonging,
  settleIn,
  connectToTemporal,
  connectWorker,
  installRuntime,
  startTemporalServer,
} from './temporal-side.js';
import { VERSION } from './version.js';
import { createSlipwayWorker } from './worker.js';

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

const HEARTBEAT_MS = 5_000;

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
  const sources = readSources(read.file.sources, env, dataDirectory.path);
  const observation = createObservation(settings.logLevel, path.join(dataDirectory.path, 'slipway.log'));
  const { observer } = observation;
  installRuntime(observer);

  const [database, server, bundlePath] = await startServers(settings, dataDirectory.path, progress, teardown);
  stopping?.throwIfAborted();
  const store = await openMigrated(database.url, settings.databaseUrl !== undefined, observer, teardown);
  progress('Store migrated');
  const clock = await keepClock(store.meta, settings.clockSpeed, startedAt);
  const now = () => toVirtual(clock, Date.now());

  const temporal = await connectToTemporal(server, env);
  teardown.add('Temporal connection', () => temporal.close());
  const belonging = await checkBelonging(store.meta, temporal, rebuild);
  const gateway = createGateway({ client: temporal.client, taskQueue: TASK_QUEUE, clock });

  const outbound = createOutbound({ allowPrivate: settings.allowPrivateTargets });
  teardown.add('outbound connections', () => outbound.close());
  const { inForce, changed } = await putPolicyInForce({
    policies: store.policies,
    meta: store.meta,
    read,
    env,
    outbound,
    observer,
    now: Date.now,
  });
  teardown.add('channels', () => inForce.close());

  const dispatcher = createDispatcher({
    inbox: store.inbox,
    gateway,
    readModel: store.readModel,
    observer,
    now: Date.now,
    lot: Math.random,
    temporalMayForget: temporal.embedded,
  });
  if (belonging === 'new') {
    await store.inbox.reviveSignalledSince(0);
    await settleIn(store.meta, temporal);
  }
  teardown.add('dispatcher', () => dispatcher.stop());
  const drained = await dispatcher.drain();
  if (drained) progress(`Inbox drained: ${drained} events signalled`);
  stopping?.throwIfAborted();

  const activities = createActivities({
    ledger: store.sends,
    gate: store.gate,
    channel: (name) => inForce.channels().channels.get(name),
    observer,
    readModel: store.readModel,
    policies: inForce.policies,
    gateway,
  });
  const worker = await tendWorker({
    connect: () => connectWorker(temporal),
    create: (nativeConnection) =>
      createSlipwayWorker({
        nativeConnection,
        namespace: temporal.settings.namespace,
        taskQueue: TASK_QUEUE,
        bundlePath,
        activities,
      }),
    observer,
  });
  teardown.add('worker', () => worker.stop());
  progress('Worker runs');
  if (changed) await gateway.publishPolicy(read.hash);

  const states = await StatesSeen.load(store.meta);
  await keepHeartbeat(store, observer, teardown);
  const warnings = [
    ...sources.problems,
    ...inForce.channels().problems,
    ...(temporal.warning ? [temporal.warning] : []),
  ];
  dispatcher.start();
  const edge = await listenAt(
    at.edge,
    createIngress({
      inbox: store.inbox,
      rejections: store.rejections,
      observer,
      clock,
      source: (name) => sources.sources.find((source) => source.name === name),
      now: Date.now,
      onAccepted: (row) => {
        dispatcher.offer(row);
        if (row.route.to === 'onboarding') states.note(row.route.fact.record.state);
      },
      ready: async () => {
        const [readiness, health] = await Promise.all([store.readiness(), gateway.health()]);
        const why = readiness.ready ? 'ok' : readiness.why;
        return {
          ready: readiness.ready,
          checks: {
            store: why,
            migrations: why,
            temporal: health.reachable ? 'ok' : (health.detail ?? 'not reachable'),
          },
        };
      },
    }),
  );
  teardown.add('edge', () => edge.close());

  const edgeUrl = `http://127.0.0.1:${edge.port}`;
  const temporalUrl = (workflowId: string) =>
    temporal.uiUrl
      ? `${temporal.uiUrl}/namespaces/${temporal.settings.namespace}/workflows/${encodeURIComponent(workflowId)}`
      : null;
  const console_ = await listenAt(
    at.console,
    createApi({
      readModel: store.readModel,
      events: store.events,
      rejections: store.rejections,
      inbox: store.inbox,
      policies: inForce.policies,
      gateway,
      workspaces: () => [...new Set(sources.sources.map((source) => source.workspace))],
      validatePolicy: (source) => validated(source),
      why: createWhy({ events: store.events, readModel: store.readModel, policies: store.policies, clock }),
      status: createStatus({
        version: VERSION,
        startedAt,
        clock,
        store,
        storeKind: settings.databaseUrl ? 'external' : 'embedded',
        gateway,
        temporal: { address: temporal.address, namespace: temporal.settings.namespace, uiUrl: temporal.uiUrl },
        sources: sources.sources,
        inForce,
        states,
        warnings,
      }),
      metricsText: observation.metricsText,
      temporalUrl,
      links: () => links(edgeUrl, sources.sources[0]?.name, temporal.uiUrl),
      ...(settings.apiToken ? { token: settings.apiToken } : {}),
      version: VERSION,
      now,
      observer,
    }),
  );
  teardown.add('console', () => console_.close());

  sources.keepMade();
  observer.log('info', 'slipway serves', { version: VERSION, speed: clock.speed });
  return {
    edgeUrl,
    consoleUrl: `http://127.0.0.1:${console_.port}`,
    temporalUiUrl: temporal.uiUrl,
    clock,
    dataDir: dataDirectory.path,
    madeSecret: sources.made,
    signingSecret: sources.signing,
    warnings,
    stop: () =>
      teardown.run((name, error) => observer.log('error', `stopping the ${name} failed`, { reason: String(error) })),
  };
}

/** The two servers and the bundle at the same time: together they take as long as the slowest. */
async function startServers(settings: Settings, dataDir: string, progress: (text: string) => void, teardown: Teardown) {
  progress('Starting PostgreSQL and Temporal');
  const database = settings.databaseUrl
    ? Promise.resolve({ url: settings.databaseUrl, stop: async () => {} })
    : startPostgres({ dataDir, progress });
  const server = startTemporalServer(settings, dataDir, progress);
  const results = await Promise.allSettled([database, server, bundleWorkflows(path.join(dataDir, 'bundles'))]);
  const [postgres, temporal, bundle] = results;
  if (postgres.status === 'fulfilled') teardown.add('PostgreSQL', () => postgres.value.stop());
  if (temporal.status === 'fulfilled') teardown.add('Temporal', () => temporal.value.stop());
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  if (postgres.status !== 'fulfilled' || temporal.status !== 'fulfilled' || bundle.status !== 'fulfilled')
    throw new Error('unreachable');
  return [postgres.value, temporal.value, bundle.value] as const;
}

/** Leases and the edge's heartbeat: what tells others, and later ourselves, that this server was listening. */
async function keepHeartbeat(store: Store, observer: Observer, teardown: Teardown): Promise<void> {
  const beat = () =>
    store.inbox
      .heartbeat()
      .catch((error: unknown) => observer.log('warn', 'no heartbeat was written', { reason: String(error) }));
  await beat();
  const timer = setInterval(() => void beat(), HEARTBEAT_MS);
  teardown.add('heartbeat', () => clearInterval(timer));
}

function validated(source: string): PolicyReading {
  const loaded = loadPolicy(source, Date.now());
  return loaded.ok ? { ok: true, policy: loaded.file.policy } : { ok: false, problems: loaded.errors };
}

function links(edgeUrl: string, source: string | undefined, temporalUiUrl: string | null): readonly Link[] {
  return [
    ...(source ? [{ label: 'Webhooks in', url: `${edgeUrl}/webhooks/${source}` }] : []),
    { label: 'Edge health', url: `${edgeUrl}/readyz` },
    ...(temporalUiUrl ? [{ label: 'Temporal UI', url: temporalUiUrl }] : []),
  ];
}
