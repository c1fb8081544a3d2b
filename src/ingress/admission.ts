import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import { Overload } from './overload.js';

/** What is let in is counted over so long, ms. */
const WINDOW_MS = 1_000;

export interface AdmissionDeps {
  /** Whether the store's line is as long as it may be. */
  readonly isFull: () => boolean;
  /** ms of any origin; tests move it. */
  readonly now?: () => number;
  /** The part of the time since it was asked last in which this thread was at work, 0 to 1. */
  readonly busy?: () => number;
}

/**
 * Whether an event is let in or refused unread. As long as the store keeps up everybody is let in. From when its line was
 * full until a second without a refusal the thread is looked at as well: to store an event takes several times what to
 * refuse it does, so a thread that stores all it can has no time left to refuse the others, and they wait for it in the
 * kernel, where nobody can.
 */
export class Admission {
  readonly #isFull: () => boolean;
  readonly #now: () => number;
  readonly #busy: () => number;
  /** Let in within this window, and within the one before. */
  #letIn = 0;
  #letInBefore = 0;
  #windowAt: number;
  #overload: Overload | undefined;

  constructor({ isFull, now = performance.now.bind(performance), busy = busySinceLast() }: AdmissionDeps) {
    this.#isFull = isFull;
    this.#now = now;
    this.#busy = busy;
    this.#windowAt = now();
  }

  /** Asked once for each event, before anything is done for it. */
  refuses(): boolean {
    const now = this.#now();
    const lineIsFull = this.#isFull();
    this.#turnWindow(now);
    if (lineIsFull) this.#overload ??= this.#begin();
    const refused = this.#overload?.refuses(now, lineIsFull) ?? false;
    if (!refused) this.#letIn++;
    return refused;
  }

  #begin(): Overload {
    return new Overload({
      rate: Math.max(this.#letIn, this.#letInBefore),
      now: this.#now,
      busy: this.#busy,
      onOver: () => {
        this.#overload = undefined;
      },
    });
  }

  #turnWindow(now: number): void {
    const windows = Math.floor((now - this.#windowAt) / WINDOW_MS);
    if (windows === 0) return;
    this.#letInBefore = windows === 1 ? this.#letIn : 0;
    this.#letIn = 0;
    this.#windowAt += windows * WINDOW_MS;
  }
}

function busySinceLast(): () => number {
  let before: EventLoopUtilization = performance.eventLoopUtilization();
  return () => {
    const since = performance.eventLoopUtilization(before);
    before = performance.eventLoopUtilization();
    return since.utilization;
  };
}
