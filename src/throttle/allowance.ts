import { RateLimiterMemory } from 'rate-limiter-flexible';

export interface Bound {
  /** So many times in one window; the window of a key begins with its first time. */
  readonly times: number;
  readonly seconds: number;
}

/** How often something may happen under one key, in this process. What it holds is forgotten with its window. */
export class Allowance {
  readonly #limiter: RateLimiterMemory;

  constructor({ times, seconds }: Bound) {
    this.#limiter = new RateLimiterMemory({ points: times, duration: seconds });
  }

  /** Counts one time more. Answers 0, or where it was one too many the whole seconds until the window ends. */
  async take(key: string): Promise<number> {
    const { consumedPoints, msBeforeNext } = await this.#limiter.penalty(key);
    return consumedPoints > this.#limiter.points ? secondsOf(msBeforeNext) : 0;
  }

  /** What `take` would answer, without counting. */
  async wait(key: string): Promise<number> {
    const held = await this.#limiter.get(key);
    return held && held.msBeforeNext > 0 && held.consumedPoints >= this.#limiter.points
      ? secondsOf(held.msBeforeNext)
      : 0;
  }
}

/** At least 1: `Retry-After: 0` asks for a repeat at once. */
const secondsOf = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));
