/** So much of a second's allowance may be used at once: enough to make up for timers that fire late. */
const BURST_SECONDS = 0.1;

/**
 * A limit of attempts a second. It begins with a single attempt and not with a burst, so that an endpoint whose turns are
 * short gets no more than one of a long turn. Instants are real ms and may stand still or go back.
 */
export class TokenBucket {
  #perSecond: number | null = null;
  #tokens = 1;
  #at: number | undefined;

  /** The rate from now on; null for none. */
  limit(perSecond: number | null): void {
    this.#perSecond = perSecond;
  }

  /** Takes one where there is one. */
  take(now: number): boolean {
    if (this.#perSecond === null) return true;
    this.#fill(now);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Ms until there is one to take, 0 where there is. */
  waitMs(now: number): number {
    if (this.#perSecond === null) return 0;
    this.#fill(now);
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) * 1000) / this.#perSecond);
  }

  #fill(now: number): void {
    const rate = this.#perSecond ?? 0;
    const passedMs = Math.max(0, now - (this.#at ?? now));
    this.#at = now;
    this.#tokens = Math.min(Math.max(1, rate * BURST_SECONDS), this.#tokens + (passedMs * rate) / 1000);
  }
}
