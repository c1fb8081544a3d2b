import type { Observer } from '../contracts/observer.js';

const EVERY_MS = 3_000;

/**
 * Takes up every few seconds what others changed: a policy, a secret. One look at a time; one that fails is told once
 * and made again. Returns what ends it.
 */
export function keepCurrent(observer: Observer, look: () => Promise<void>): () => Promise<void> {
  let looking: Promise<void> = Promise.resolve();
  let isFailing = false;
  const timer = setInterval(() => {
    looking = looking.then(async () => {
      try {
        await look();
        isFailing = false;
      } catch (error) {
        if (!isFailing) observer.log('warn', 'what changed could not be taken up', { reason: String(error) });
        isFailing = true;
      }
    });
  }, EVERY_MS);
  return async () => {
    clearInterval(timer);
    await looking;
  };
}
