/** How busy the thread is, is looked at so often, ms. */
const LOOK_MS = 200;
/** Busier than this and requests queue before it: those that are refused wait as long as those that are let in. */
const BUSY = 0.9;
/** What a busy look takes of the rate. A collection of the heap fills a look by itself, every few seconds. */
const SLOWER = 0.85;
/** What a look adds that is not busy: a quarter of the rate while none ever was, then a quarter a second of the highest. */
const FASTER_AT_FIRST = 1 / 4;
const FASTER = 1 / 20;
/**
 * Of the highest rate so much is always let in: refusing alone may be what keeps the thread busy, or another program, and
 * to store less helps against neither.
 */
const LEAST = 1 / 4;
/** After a store that stood still nobody knows how many a second it takes; so many it does, and soon more are let in. */
const LEAST_AT_FIRST = 100;
/** What was not let in may be let in within so many ms: no later, or they come in bursts again. */
const SAVED_MS = 50;
/** So long after the last event that was refused it is over. */
const OVER_MS = 1_000;

export interface OverloadDeps {
  /** Events let in a second before it. */
  readonly rate: number;
  /** ms of any origin. */
  readonly now: () => number;
  /** The part of the time since it was asked last in which this thread was at work, 0 to 1. */
  readonly busy: () => number;
  readonly onOver: () => void;
}

/**
 * More events come than can be stored: so many a second are let in, evenly, as leave this thread time for those that are
 * refused. The rate falls with each look that finds the thread busy and rises with each that does not, as long as it is the
 * rate that refuses and not the store's line.
 */
export class Overload {
  readonly #deps: OverloadDeps;
  readonly #looks: NodeJS.Timeout;
  #rate: number;
  #highest: number;
  #wasBusy = false;
  #lineWasFull = false;
  /** Events that may be let in now, with a fraction. */
  #saved: number;
  #savedAt: number;
  #refusedAt: number;

  constructor(deps: OverloadDeps) {
    this.#deps = deps;
    this.#rate = Math.max(deps.rate, LEAST_AT_FIRST);
    this.#highest = this.#rate;
    this.#saved = this.#mostSaved;
    this.#savedAt = this.#refusedAt = deps.now();
    deps.busy();
    this.#looks = setInterval(() => this.#look(), LOOK_MS).unref();
  }

  /** For one event that comes `now`; `lineIsFull` when the store would refuse it. */
  refuses(now: number, lineIsFull: boolean): boolean {
    this.#lineWasFull ||= lineIsFull;
    const refused = lineIsFull || !this.#spend(now);
    if (refused) this.#refusedAt = now;
    return refused;
  }

  #spend(now: number): boolean {
    this.#saved = Math.min(this.#mostSaved, this.#saved + (this.#rate * (now - this.#savedAt)) / 1_000);
    this.#savedAt = now;
    if (this.#saved < 1) return false;
    this.#saved -= 1;
    return true;
  }

  get #mostSaved(): number {
    return Math.max(1, (this.#rate * SAVED_MS) / 1_000);
  }

  #look(): void {
    const busy = this.#deps.busy();
    if (this.#deps.now() - this.#refusedAt > OVER_MS) this.#end();
    else if (busy > BUSY) this.#slower();
    else if (!this.#lineWasFull) this.#faster();
    this.#lineWasFull = false;
  }

  #slower(): void {
    this.#wasBusy = true;
    this.#rate = Math.max(this.#highest * LEAST, this.#rate * SLOWER);
  }

  #faster(): void {
    this.#rate += this.#wasBusy ? this.#highest * FASTER : this.#rate * FASTER_AT_FIRST;
    this.#highest = Math.max(this.#highest, this.#rate);
  }

  #end(): void {
    clearInterval(this.#looks);
    this.#deps.onOver();
  }
}
