/**
 * Real: how long an endpoint that was swept is left alone, doubling. While no worker runs, every wake stays an event of its
 * workflow's history, and the server takes no more than 10,000 of them.
 */
const FIRST_MS = 2_000;
const LONGEST_MS = 10 * 60_000;

interface Rest {
  /** ms, of the caller's origin. */
  readonly until: number;
  readonly ms: number;
}

/** Whom the last sweeps have woken, as long as they are still found waiting. */
export class Swept {
  #resting = new Map<string, Rest>();

  /**
   * Of those that wait at `now`, the ones to wake; who waits no longer is forgotten. `now`: ms of a clock that is never
   * set: by one that is set back, whoever rests would rest for as much longer.
   */
  due(waiting: readonly string[], now: number): ReadonlySet<string> {
    const resting = new Map<string, Rest>();
    const due = new Set<string>();
    for (const id of waiting) {
      const rest = this.#resting.get(id);
      if (rest && rest.until > now) resting.set(id, rest);
      else {
        const ms = rest ? Math.min(rest.ms * 2, LONGEST_MS) : FIRST_MS;
        resting.set(id, { until: now + ms, ms });
        due.add(id);
      }
    }
    this.#resting = resting;
    return due;
  }
}
