import type { Observer } from '../contracts/observer.js';
import type { Dispatcher } from '../dispatch/dispatcher.js';
import type { EndpointWaker } from '../dispatch/endpoint-waker.js';
import type { Joint } from './joint.js';
import { scheduleRetention } from './schedule-retention.js';
import { checkBelonging, prepareTemporal } from './temporal-side.js';
import { waitFor } from './wait-for.js';

export interface Dispatching {
  /** What stands in the way of signalling; null where nothing does. */
  readonly problem: () => string | null;
  readonly warnings: () => readonly string[];
  /** Resolves when it has begun to signal, or has given up because it was told to stop. */
  readonly ended: Promise<void>;
}

/**
 * Begins to signal when the Temporal server is there and is the one this store belongs to. Until then events are taken
 * and kept. Never rejects.
 */
export function keepDispatching(
  {
    store,
    clock,
    temporal,
    dispatcher,
    waker,
    observer,
  }: Joint & { readonly dispatcher: Dispatcher; readonly waker: EndpointWaker; readonly observer: Observer },
  stopping: AbortSignal,
): Dispatching {
  let problem: string | null = 'not asked yet';
  let warning: string | undefined;
  const waiting = (why: string) => (problem = why);
  const ready = async () => {
    const findings = await prepareTemporal(temporal);
    await checkBelonging(store.meta, temporal.address, findings.namespaceId, false);
    await scheduleRetention(temporal, clock, observer);
    return findings;
  };
  const ended = waitFor('Temporal', ready, { observer, stopping, waiting })
    .then((findings) => {
      problem = null;
      warning = findings.warning;
      dispatcher.start();
      waker.start();
    })
    .catch((error: unknown) => {
      if (!stopping.aborted) observer.log('error', 'signalling did not begin', { reason: String(error) });
    });
  return { problem: () => problem, warnings: () => (warning ? [warning] : []), ended };
}
