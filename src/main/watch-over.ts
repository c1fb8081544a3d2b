import type { Gateway } from '../contracts/gateway.js';
import { TASK_QUEUE } from '../contracts/task-queue.js';
import type { Store } from '../store/store.js';
import { createVitals } from '../temporal/vitals.js';
import { showFirstSeries } from './first-series.js';
import type { Observation } from './observer.js';
import type { PolicyInForce } from './policy-in-force.js';
import type { TemporalLink } from './temporal-side.js';
import { createWatch } from './watch.js';

/** Lets each scrape look at the store and at Temporal, and show what has not been counted yet. */
export function watchOver(
  { observer, onScrape }: Observation,
  {
    store,
    gateway,
    temporal,
    inForce,
  }: { store: Store; gateway: Gateway; temporal: TemporalLink; inForce: PolicyInForce },
): void {
  const vitals = createVitals(temporal.client, TASK_QUEUE);
  onScrape(async () => {
    const sources = inForce.file().sources.map(({ name }) => name);
    showFirstSeries(observer, { sources, channels: [...inForce.channels().channels.keys()] });
  });
  onScrape(createWatch({ store, gateway, vitals, observer, now: Date.now }));
}
