import type { Gateway } from '../contracts/gateway.js';
import type { Observer } from '../contracts/observer.js';
import type { OnboardingRebuild, ReadModelRebuild, RebuildGateway } from '../contracts/rebuild.js';
import { TASK_QUEUE } from '../contracts/task-queue.js';
import type { Clock } from '../domain/time/clock.js';
import { createEveryRebuild, type EveryRebuild } from '../rebuild/every-onboarding.js';
import { createOnboardingRebuild } from '../rebuild/one-onboarding.js';
import { createReadModelRebuild } from '../rebuild/read-model.js';
import type { Store } from '../store/store.js';
import { createRebuildGateway } from '../temporal/rebuild.js';
import type { TemporalLink } from './temporal-side.js';

export interface RebuildingDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly gateway: Gateway;
  readonly temporal: Pick<TemporalLink, 'client'>;
  readonly observer: Observer;
}

export interface Rebuilding {
  readonly gateway: RebuildGateway;
  readonly onboarding: OnboardingRebuild;
  readonly readModel: ReadModelRebuild;
  readonly every: EveryRebuild;
}

/** Everything that is made anew from archive and decision log, over one store and one Temporal server. */
export function createRebuilding({ store, clock, gateway, temporal, observer }: RebuildingDeps): Rebuilding {
  const rebuilds = createRebuildGateway({ client: temporal.client, taskQueue: TASK_QUEUE, clock }, gateway);
  const deps = {
    events: store.events,
    readModel: store.readModel,
    policies: store.policies,
    inbox: store.inbox,
    rebuilds: store.rebuilds,
    clock,
    now: Date.now,
    observer,
    gateway: { ...rebuilds, signalEvents: gateway.signalEvents },
  };
  return {
    gateway: rebuilds,
    onboarding: createOnboardingRebuild(deps),
    readModel: createReadModelRebuild(deps),
    every: createEveryRebuild(deps),
  };
}
