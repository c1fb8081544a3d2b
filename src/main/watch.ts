import { getHeapStatistics } from 'node:v8';
import type { Gateway } from '../contracts/gateway.js';
import type { Inbox } from '../contracts/inbox.js';
import type { Observer } from '../contracts/observer.js';
import type { Store } from '../store/store.js';
import type { Vitals } from '../temporal/vitals.js';

export interface WatchDeps {
  readonly store: Pick<Store, 'readiness' | 'newest'> & { readonly inbox: Pick<Inbox, 'depth'> };
  readonly gateway: Pick<Gateway, 'health'>;
  readonly vitals: Vitals;
  readonly observer: Observer;
  /** Real epoch ms. */
  readonly now: () => number;
}

/** A scrape has ten seconds as a rule: what takes longer than this is told as not reachable. */
const PATIENCE_MS = 2_000;
/** A count over all workflows and a look at the task queue are not for every scrape. */
const VITALS_EVERY_MS = 60_000;

/**
 * Measures what nobody tells of by itself: what waits, what can be reached, what is stuck. Run at each scrape, so that
 * it is as true while the dispatcher is idle, behind or gone as it is in a burst. Never rejects.
 */
export function createWatch(deps: WatchDeps): () => Promise<void> {
  const { store, gateway, vitals, observer, now } = deps;
  let vitalsAt = Number.NEGATIVE_INFINITY;
  let isTemporalThere = false;
  let agesKnown = false;

  async function lookAtStore(): Promise<void> {
    const readiness = await store.readiness();
    observer.gauge('slipway_store_reachable', readiness.ready ? 1 : 0);
    if (!readiness.ready) return;
    const { pending, oldestReceivedAt } = await store.inbox.depth();
    observer.gauge('slipway_inbox_pending', pending);
    observer.age('slipway_inbox_oldest_seconds', oldestReceivedAt);
    if (!agesKnown) await learnAges();
  }

  /** Once: what was heard before this process began. Afterwards the edge tells. */
  async function learnAges(): Promise<void> {
    const newest = await store.newest();
    agesKnown = true;
    for (const { source, receivedAt } of newest) observer.age('slipway_feed_age_seconds', receivedAt, { source });
  }

  async function lookAtTemporal(): Promise<void> {
    isTemporalThere = false;
    const { reachable } = await gateway.health();
    isTemporalThere = reachable;
    observer.gauge('slipway_temporal_reachable', reachable ? 1 : 0);
  }

  async function lookAtVitals(): Promise<void> {
    if (now() - vitalsAt < VITALS_EVERY_MS) return;
    const [stuck, polling] = await Promise.all([vitals.stuckWorkflows(), vitals.pollingWorkers()]);
    vitalsAt = now();
    observer.gauge('slipway_workflows_stuck', stuck);
    observer.gauge('slipway_workers_polling', polling);
  }

  const stored = patiently(lookAtStore, () => observer.gauge('slipway_store_reachable', 0));
  const temporal = patiently(lookAtTemporal, () => observer.gauge('slipway_temporal_reachable', 0));
  // Not known is not none: what was counted last stands until Temporal can be asked again.
  const counts = patiently(lookAtVitals, () => {});
  return async () => {
    observer.gauge('slipway_heap_limit_bytes', getHeapStatistics().heap_size_limit);
    await Promise.all([stored(), temporal().then(() => (isTemporalThere ? counts() : undefined))]);
  };
}

/** One look at a time: while one hangs, those that come meanwhile do not ask again and wait for it no longer than it may. */
function patiently(look: () => Promise<void>, otherwise: () => void): () => Promise<void> {
  let underWay: Promise<void> | undefined;
  return async () => {
    underWay ??= look().finally(() => {
      underWay = undefined;
    });
    await within(underWay, otherwise);
  };
}

async function within(look: Promise<void>, otherwise: () => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), PATIENCE_MS);
  });
  try {
    await Promise.race([look, late]);
  } catch {
    otherwise();
  } finally {
    clearTimeout(timer);
  }
}
