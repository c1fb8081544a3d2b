import type { Store } from '../../src/store/store.js';
import { arrival } from './arrivals.js';

/** A sender that goes on through every failure and remembers what was acknowledged. */
export function burst(store: Store, senders = 40) {
  const acknowledged: string[] = [];
  const failures: unknown[] = [];
  const stopping = new AbortController();
  const sending = Promise.all(
    Array.from({ length: senders }, async (_, nth) => {
      for (let n = 0; !stopping.signal.aborted; n++) {
        const id = `evt_${nth}_${n}`;
        await store.inbox.accept(arrival(id, `onb_${nth}`)).then(
          () => acknowledged.push(id),
          (error: unknown) => failures.push(error),
        );
        if (failures.length > 0) await new Promise((wake) => setTimeout(wake, 20));
      }
    }),
  );
  const stop = async () => {
    stopping.abort();
    await sending;
  };
  return { acknowledged, failures, stop };
}
