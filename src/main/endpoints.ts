import type { Observer } from '../contracts/observer.js';
import { TASK_QUEUE } from '../contracts/task-queue.js';
import { createEndpointWaker, type EndpointWaker } from '../dispatch/endpoint-waker.js';
import type { Clock } from '../domain/time/clock.js';
import type { Store } from '../store/store.js';
import { createEndpointGateway } from '../temporal/endpoints.js';
import type { Teardown } from './teardown.js';
import type { TemporalLink } from './temporal-side.js';

interface WakingDeps {
  readonly store: Store;
  readonly temporal: TemporalLink;
  readonly clock: Clock;
  readonly observer: Observer;
}

/** Wakes the workflows of endpoints whose sleep this process ends, in every process that writes messages. */
export function wakeEndpoints({ store, temporal, clock, observer }: WakingDeps, teardown: Teardown): EndpointWaker {
  const waker = createEndpointWaker({
    gateway: createEndpointGateway({ client: temporal.client, taskQueue: TASK_QUEUE, clock }),
    wakes: store.wakes,
    observer,
    now: Date.now,
    lot: Math.random,
  });
  store.onWake((endpoints) => waker.wake(endpoints));
  teardown.add('waking of endpoints', () => waker.stop());
  return waker;
}
