import { setTimeout as delay } from 'node:timers/promises';
import type { Observer } from '../contracts/observer.js';

/** Real. How long until a part that was not there is asked again, and until its absence is told again. */
const AGAIN_AFTER_MS = 1_000;
const TELL_EVERY_MS = 60_000;

export interface Patience {
  readonly observer: Observer;
  /** Told each time with what is waited for and why. */
  readonly waiting: (why: string) => void;
  readonly stopping: AbortSignal;
}

/**
 * Tries until it holds: other processes may start later, and one that gave up would have to be started again by hand.
 * Rejects with the signal's reason when it is told to stop.
 */
export async function waitFor<T>(what: string, attempt: () => Promise<T>, patience: Patience): Promise<T> {
  const { observer, stopping } = patience;
  let told = '';
  let toldAt = 0;
  for (;;) {
    stopping.throwIfAborted();
    try {
      return await unlessStopped(attempt(), stopping);
    } catch (error) {
      stopping.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      patience.waiting(`${what}: ${reason}`);
      if (reason !== told || Date.now() - toldAt > TELL_EVERY_MS) {
        observer.log('warn', `waiting for ${what}`, { reason });
        told = reason;
        toldAt = Date.now();
      }
    }
    await delay(AGAIN_AFTER_MS, undefined, { signal: stopping });
  }
}

/** A server that does not answer is waited for, at a stop, no longer. What becomes of the attempt is then nobody's. */
async function unlessStopped<T>(attempt: Promise<T>, stopping: AbortSignal): Promise<T> {
  attempt.catch(() => {});
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(stopping.reason as Error);
    stopping.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([attempt, stopped]);
  } finally {
    stopping.removeEventListener('abort', stop);
  }
}
