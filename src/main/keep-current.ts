import type { Observer } from '../contracts/observer.js';

const EVERY_MS = 3_000;
/** Real: longer than this a stop does not wait for a look. One that hangs would keep what is stopped after it until the kill. */
const STOP_WITHIN_MS = 5_000;

/**
 * Takes up every few seconds what others changed: a policy, a secret. One look at a time: while one takes longer, as where
 * Temporal is away, none is begun, because looks that queued up would all have to end before a stop. One that fails is told
 * once and made again. Returns what ends it.
 */
export function keepCurrent(observer: Observer, look: () => Promise<void>): () => Promise<void> {
  let looking: Promise<void> | undefined;
  let isFailing = false;
  async function lookOnce(): Promise<void> {
    try {
      await look();
      isFailing = false;
    } catch (error) {
      if (!isFailing) observer.log('warn', 'what changed could not be taken up', { reason: String(error) });
      isFailing = true;
    }
  }
  const timer = setInterval(() => {
    looking ??= lookOnce().finally(() => {
      looking = undefined;
    });
  }, EVERY_MS);
  return async () => {
    clearInterval(timer);
    await Promise.race([looking, new Promise((resolve) => setTimeout(resolve, STOP_WITHIN_MS).unref())]);
  };
}
