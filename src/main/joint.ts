import { randomUUID } from 'node:crypto';
import type { Gateway } from '../contracts/gateway.js';
import type { Observer } from '../contracts/observer.js';
import { TASK_QUEUE } from '../contracts/task-queue.js';
import type { Clock } from '../domain/time/clock.js';
import { createOutbound, type Outbound } from '../outbound/post.js';
import { openStore, type Store } from '../store/store.js';
import { createGateway } from '../temporal/gateway.js';
import { variablesOf } from './environment.js';
import { keepClock, StoreClock } from './keep-clock.js';
import { followPolicy, type PolicyInForce } from './policy-in-force.js';
import { NO_SECRET_KEY, secretKey } from './secret-key.js';
import { type Environment, SettingError, type Settings } from './settings.js';
import type { Teardown } from './teardown.js';
import { givenTemporalServer } from './temporal-server.js';
import { linkTemporal, type TemporalLink } from './temporal-side.js';
import { type Patience, waitFor } from './wait-for.js';

/** What a server and a worker that run as processes of their own both stand on. */
export interface Joint {
  readonly store: Store;
  readonly clock: Clock;
  readonly temporal: TemporalLink;
  readonly gateway: Gateway;
  readonly inForce: PolicyInForce;
  readonly outbound: Outbound;
  /** What an operator has to be told of the settings. */
  readonly warnings: readonly string[];
}

export interface SharedPlaces {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
}

/** Throws `SettingError` where there is nothing to share: a process alone has nobody to share an embedded server with. */
export function sharedPlaces(settings: Settings, command: string): SharedPlaces {
  const { databaseUrl, temporalAddress } = settings;
  const missing = databaseUrl ? (temporalAddress ? undefined : 'TEMPORAL_ADDRESS') : 'DATABASE_URL';
  if (databaseUrl && temporalAddress) return { databaseUrl, temporalAddress };
  throw new SettingError(
    `\`slipway ${command}\` shares a PostgreSQL and a Temporal server with other processes, and ${missing} is not set: set it, or run \`slipway start\` for all of it on this machine.`,
  );
}

/**
 * Waits for a migrated store and a policy in force. Not for Temporal: events are taken without it. In whatever order
 * processes start, each goes on when what it needs is there.
 */
export async function join(
  settings: Settings,
  env: Environment,
  { databaseUrl, temporalAddress }: SharedPlaces,
  observer: Observer,
  patience: Patience,
  teardown: Teardown,
): Promise<Joint> {
  const temporal = linkTemporal(givenTemporalServer(temporalAddress, settings.temporalUiUrl), env);
  teardown.add('Temporal connection', () => temporal.close());
  const variable = variablesOf(env);
  const key = secretKey(variable('SLIPWAY_SECRET_KEY'), null);
  const storeClock = new StoreClock();
  const store = openStore({
    url: databaseUrl,
    observer,
    serverId: randomUUID(),
    virtualNow: storeClock.now,
    ...(key ? { secretKey: key } : {}),
  });
  teardown.add('store', () => store.close());
  await waitFor('the store', () => migrated(store), patience);
  const clock = storeClock.set(await keepClock(store.meta, settings.clockSpeed, Date.now()));
  const outbound = createOutbound({ allowPrivate: settings.allowPrivateTargets });
  teardown.add('outbound connections', () => outbound.close());
  const policies = { policies: store.policies, variable, outbound, observer, now: Date.now };
  const inForce = await waitFor('a policy', async () => published(await followPolicy(policies)), patience);
  teardown.add('channels', () => inForce.close());
  const gateway = createGateway({ client: temporal.client, taskQueue: TASK_QUEUE, clock });
  const warnings = key ? [] : [NO_SECRET_KEY];
  // A worker has no console that could tell them, and without the key it can sign no delivery.
  for (const warning of warnings) observer.log('warn', warning);
  return { store, clock, temporal, gateway, inForce, outbound, warnings };
}

async function migrated(store: Store): Promise<void> {
  const readiness = await store.readiness();
  if (!readiness.ready) throw new Error(readiness.why);
}

function published(inForce: PolicyInForce | undefined): PolicyInForce {
  if (inForce) return inForce;
  throw new Error('No policy is in force yet; `slipway migrate` puts slipway.yaml there.');
}
