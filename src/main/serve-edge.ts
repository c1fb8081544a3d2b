import type { Express } from 'express';
import type { Gateway } from '../contracts/gateway.js';
import type { Observer } from '../contracts/observer.js';
import { createDispatcher, type Dispatcher } from '../dispatch/dispatcher.js';
import type { EndpointWaker } from '../dispatch/endpoint-waker.js';
import type { Clock } from '../domain/time/clock.js';
import { createIngress, type Readiness } from '../ingress/app.js';
import type { Store } from '../store/store.js';
import type { PolicyInForce } from './policy-in-force.js';
import type { Settings } from './settings.js';
import type { Sources } from './source-secrets.js';
import type { StatesSeen } from './states-seen.js';
import type { Teardown } from './teardown.js';

export interface EdgeDeps {
  readonly settings: Pick<Settings, 'trustedProxies'>;
  readonly store: Store;
  readonly gateway: Gateway;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly sources: Sources;
  readonly states: StatesSeen;
  readonly dispatcher: Dispatcher;
  /** Why the Temporal server cannot be used though it answers; null where it can. */
  readonly temporalProblem: () => string | null;
  /** What a start that takes events already still waits for; null once it is ready. Absent where there is nothing. */
  readonly starting?: () => string | null;
}

interface DispatcherParts extends Pick<EdgeDeps, 'store' | 'gateway' | 'observer'> {
  readonly inForce: Pick<PolicyInForce, 'file'>;
}

export function dispatcherOf(
  { store, gateway, observer, inForce }: DispatcherParts,
  temporalMayForget: boolean,
): Dispatcher {
  const { inbox, events, readModel } = store;
  return createDispatcher({
    inbox,
    events,
    gateway,
    readModel,
    policy: () => inForce.file().policy,
    observer,
    now: Date.now,
    lot: Math.random,
    temporalMayForget,
  });
}

/** The edge port's application over one store. */
export function createEdge(deps: EdgeDeps): Express {
  const { store, observer, clock, sources, states, dispatcher } = deps;
  return createIngress({
    inbox: store.inbox,
    rejections: store.rejections,
    observer,
    clock,
    source: (name) => sources.get(name),
    trustedProxies: deps.settings.trustedProxies,
    now: Date.now,
    onAccepted: (row) => {
      dispatcher.offer(row);
      if (row.route.to === 'onboarding') states.note(row.route.fact.record.state);
    },
    onShed: () => dispatcher.shed(),
    ready: () => readiness(deps),
  });
}

async function readiness({ store, gateway, temporalProblem, starting }: EdgeDeps): Promise<Readiness> {
  const [stored, health] = await Promise.all([store.readiness(), gateway.health()]);
  const why = stored.ready ? 'ok' : stored.why;
  const waitsFor = starting?.() ?? null;
  const temporal = health.reachable ? (temporalProblem() ?? waitsFor ?? 'ok') : (health.detail ?? 'not reachable');
  return { ready: stored.ready && waitsFor === null, checks: { store: why, migrations: why, temporal } };
}

const HEARTBEAT_MS = 5_000;

/**
 * Leases and the edge's heartbeat: what tells others, and later ourselves, that this server was listening. At each beat
 * it wakes the endpoints that a server which is gone was to wake.
 */
export async function keepHeartbeat(
  { store, waker, observer }: { store: Store; waker: EndpointWaker; observer: Observer },
  teardown: Teardown,
): Promise<void> {
  const beat = () =>
    store.inbox
      .heartbeat()
      .catch((error: unknown) => observer.log('warn', 'no heartbeat was written', { reason: String(error) }));
  await beat();
  const timer = setInterval(() => {
    void beat();
    void waker.sweep();
  }, HEARTBEAT_MS);
  teardown.add('heartbeat', () => clearInterval(timer));
}
