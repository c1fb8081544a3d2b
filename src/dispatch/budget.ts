/** A Temporal server on two cores takes 60 to 180 signals a second, and the accept path shares those cores. */
const SIGNALS_PER_SECOND = 60;
/** Signals that may go out at once after a pause: about a quarter of a second's worth. */
const BURST = 15;
/** Above this many events a second the accept path needs both cores: applying waits, and its signals fill up. */
const FLOOD_EVENTS_PER_SECOND = 1_200;
const SIGNALS_PER_SECOND_IN_A_FLOOD = 5;
/** How long a workflow may wait for its turn in a flood. */
const LONGEST_TURN_IN_A_FLOOD_SECONDS = 60;
/** After an event that was refused unread, for so long, all there is goes into storing: applying one may wait for minutes. */
const OVERLOAD_MS = 1_000;
const SIGNALS_PER_SECOND_IN_OVERLOAD = 1;
const LONGEST_TURN_IN_OVERLOAD_SECONDS = 300;
/** No workflow waits longer than about this for its turn, however many there are: the budget grows with the queue. */
const LONGEST_TURN_SECONDS = 5;
/** Events of the last two windows tell how fast they come. */
const WINDOW_MS = 100;
/** Without an event for this long they have stopped, and what is left goes out as fast as the server takes it. */
const STOPPED_MS = 200;

/**
 * How fast signals may go out. While events come, waiting makes fuller signals, and fuller signals are what keep up and
 * leave the accept path its share; events that trickle are slower than the budget, so a lone one is signalled at once.
 * Once they stop there is no limit. The limit holds from the first event on: a flood that was let through for a quarter
 * of a second started 300 workflows at once, and was then itself acknowledged at a fifth of its speed (measured).
 * Instants are ms of a clock that is never set: by one that is set back, nothing went out until it had caught up.
 */
export class SignalBudget {
  #tokens = BURST;
  #refilledAt = 0;
  #windowAt = 0;
  #arrivals = 0;
  #arrivalsBefore = 0;
  #lastAt = Number.NEGATIVE_INFINITY;
  #shedAt = Number.NEGATIVE_INFINITY;

  arrived(now: number): void {
    this.#turnWindow(now);
    this.#arrivals++;
    this.#lastAt = now;
  }

  /** One came that could not be stored. */
  shed(now: number): void {
    this.#shedAt = now;
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

  /** Infinity once events have stopped; after an overload that is known a second later. */
  perSecond(now: number, waiting: number): number {
    // Before the look whether they have stopped: a store that takes 300 ms a commit is silent between two of them, neither
    // taking nor refusing, and sixteen signals left in each silence.
    if (now - this.#shedAt <= OVERLOAD_MS)
      return Math.max(SIGNALS_PER_SECOND_IN_OVERLOAD, waiting / LONGEST_TURN_IN_OVERLOAD_SECONDS);
    if (now - this.#lastAt > STOPPED_MS) return Number.POSITIVE_INFINITY;
    this.#turnWindow(now);
    const eventsPerSecond = (this.#arrivals + this.#arrivalsBefore) / ((2 * WINDOW_MS) / 1000);
    if (eventsPerSecond <= FLOOD_EVENTS_PER_SECOND) return Math.max(SIGNALS_PER_SECOND, waiting / LONGEST_TURN_SECONDS);
    return Math.max(SIGNALS_PER_SECOND_IN_A_FLOOD, waiting / LONGEST_TURN_IN_A_FLOOD_SECONDS);
  }

  #turnWindow(now: number): void {
    const windows = Math.floor((now - this.#windowAt) / WINDOW_MS);
    if (windows === 0) return;
    this.#arrivalsBefore = windows === 1 ? this.#arrivals : 0;
    this.#arrivals = 0;
    this.#windowAt += windows * WINDOW_MS;
  }
}
