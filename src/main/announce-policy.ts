import type { Gateway } from '../contracts/gateway.js';
import type { Meta } from '../store/meta.js';

const KEY = 'policy_announced';

/** Notes which policy open onboardings know, where nothing is noted: the first policy of a store has nobody to tell. */
export async function toldOf(meta: Meta, hash: string): Promise<void> {
  await meta.keep(KEY, hash);
}

/**
 * Tells every open onboarding of the policy in force, once: whichever process put it there, the first one that can
 * reach Temporal tells. Several may tell at once, and one telling is what comes of it: the workflow has the hash's id.
 */
export async function announceOnce(meta: Meta, gateway: Pick<Gateway, 'publishPolicy'>, hash: string): Promise<void> {
  if ((await meta.get(KEY)) === hash) return;
  await gateway.publishPolicy(hash);
  await meta.set(KEY, hash);
}

/** The gateway of the API: what it tells need not be told again. */
export function remembering<G extends Pick<Gateway, 'publishPolicy'>>(gateway: G, meta: Meta): G {
  return {
    ...gateway,
    async publishPolicy(hash: string) {
      await gateway.publishPolicy(hash);
      await meta.set(KEY, hash);
    },
  };
}
