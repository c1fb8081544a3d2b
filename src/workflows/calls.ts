import { CancellationScope, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { Activities, NotifyOrder, NotifyResult } from '../contracts/activities.js';
import { summaryLine } from '../contracts/summary.js';

/**
 * One call, never retried by the server: when to try again is a decision of the core. The heartbeat is what brings a
 * cancellation to a call that is on the wire; waiting for it to end is what tells whether the message still left.
 */
const { notify } = proxyActivities<Pick<Activities, 'notify'>>({
  startToCloseTimeout: '15 s',
  heartbeatTimeout: '5 s',
  retry: { maximumAttempts: 1 },
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
});

export type CallResult = NotifyResult | { readonly outcome: 'cancelled' };

/** The calls that are out, each in a scope of its own, so that one can be stopped in the task that asked for it. */
export class Calls {
  readonly #out = new Map<string, CancellationScope>();

  constructor(private readonly concluded: (key: string, result: CallResult) => void) {}

  get isIdle(): boolean {
    return this.#out.size === 0;
  }

  start(order: NotifyOrder, summary: string): void {
    const scope = new CancellationScope();
    this.#out.set(order.key, scope);
    void scope
      .run(() => notify.executeWithOptions({ summary: summaryLine(summary) }, [order]))
      .catch(asResult)
      .then((result) => {
        this.#out.delete(order.key);
        this.concluded(order.key, result);
      });
  }

  stop(key: string): void {
    this.#out.get(key)?.cancel();
  }
}

/** A worker that died in mid-call, or took too long: whether the message left is not known. */
function asResult(error: unknown): CallResult {
  if (isCancellation(error)) return { outcome: 'cancelled' };
  return { outcome: 'failed', failure: 'OutcomeUnknown', message: 'No answer within the limit of the call.' };
}
