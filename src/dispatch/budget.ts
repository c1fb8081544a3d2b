/** A Temporal server on two cores takes 60 to 180 signals a second, and the accept path shares those cores. */
const SIGNALS_PER_SECOND = 60;
/** Signals that may go out at once after a pause: about a quarter of a second's worth. */
const BURST = 15;
/** No workflow waits longer than about this for its turn, however many there are: the budget grows with the queue. */
const LONGEST_TURN_SECONDS = 5;
/** Events of the last window tell whether they pour in. */
const WINDOW_MS = 250;

/**
 * How fast signals may go out. While events pour in, waiting makes fuller signals, and fuller signals are what keep up
 * and leave the accept path its share. While they trickle, and once they stop, there is no limit: a lone event is
 * signalled at once and a burst's rest as fast as the server takes it. Instants are real epoch ms.
 */
export class SignalBudget {
  #tokens = BURST;
  #refilledAt = 0;
  #windowAt = 0;
  #arrivals = 0;
  #arrivalsBefore = 0;

  arrived(now: number): void {
    this.#turnWindow(now);
    this.#arrivals++;
  }

  /** Milliseconds until the next signal may go out, 0 for now. `waiting` is the number of workflows with events. */
  wait(now: number, waiting: number): number {
    const perSecond = this.perSecond(now, waiting);
    if (perSecond === Number.POSITIVE_INFINITY) {
      this.#tokens = BURST;
      this.#refilledAt = now;
      return 0;
    }
    this.#tokens = Math.min(BURST, this.#tokens + ((now - this.#refilledAt) * perSecond) / 1000);
    this.#refilledAt = now;
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) * 1000) / perSecond);
  }

  spend(): void {
    this.#tokens -= 1;
  }

  /** Infinity while events do not pour in. */
  perSecond(now: number, waiting: number): number {
    this.#turnWindow(now);
    const eventsPerSecond = (this.#arrivals + this.#arrivalsBefore) / ((2 * WINDOW_MS) / 1000);
    if (eventsPerSecond <= SIGNALS_PER_SECOND) return Number.POSITIVE_INFINITY;
    return Math.max(SIGNALS_PER_SECOND, waiting / LONGEST_TURN_SECONDS);
  }

  #turnWindow(now: number): void {
    const windows = Math.floor((now - this.#windowAt) / WINDOW_MS);
    if (windows === 0) return;
    this.#arrivalsBefore = windows === 1 ? this.#arrivals : 0;
    this.#arrivals = 0;
    this.#windowAt += windows * WINDOW_MS;
  }
}
