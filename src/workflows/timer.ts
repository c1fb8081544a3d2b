import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import { summaryLine } from '../contracts/summary.js';
import type { Wake } from '../domain/decision.js';
import { type Clock, toReal, toVirtual } from '../domain/time/clock.js';
import { measureLateness } from './measures.js';

/** Real. A longer wait is taken in pieces, so that nothing depends on one timer over months. */
const LONGEST_WAIT_MS = 30 * 24 * 3_600_000;

/**
 * The one timer of a workflow, set to the nearest instant at which anything could change. It is lazy: an instant that
 * only moved later leaves it alone, and the wake it then brings too early is looked at again. A change of cause sets it
 * anew, so that the label people read on it stays true.
 */
export class LazyTimer {
  #armed: { readonly at: number; readonly cause: string; readonly scope: CancellationScope } | null = null;

  constructor(
    private readonly clock: Clock,
    /** Is told for which instant the timer was set, which a later one may have replaced meanwhile. */
    private readonly fired: (at: number) => void,
  ) {}

  set(wake: Wake | null): void {
    if (wake && this.#armed && wake.cause === this.#armed.cause && wake.at >= this.#armed.at) return;
    const former = this.#armed;
    this.#armed = wake && this.#start(wake);
    former?.scope.cancel();
  }

  #start(wake: Wake) {
    const now = Date.now();
    const ms = Math.min(Math.max(toReal(this.clock, wake.at) - now, 1), LONGEST_WAIT_MS);
    const scope = new CancellationScope();
    const armed = { at: Math.min(wake.at, toVirtual(this.clock, now + ms)), cause: wake.cause, scope };
    void scope
      .run(() => sleep(ms, { summary: summaryLine(wake.label) }))
      .then(() => {
        if (this.#armed === armed) this.#armed = null;
        this.fired(armed.at);
        measureLateness(Date.now() - toReal(this.clock, armed.at));
      })
      .catch(ignoreCancellation);
    return armed;
  }
}

function ignoreCancellation(error: unknown): void {
  if (!isCancellation(error)) throw error;
}
