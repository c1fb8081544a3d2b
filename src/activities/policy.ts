import type { Activities } from '../contracts/activities.js';
import { activityFailure } from '../contracts/failures.js';
import type { PolicyStore, StoredPolicy } from '../contracts/read-model.js';
import { cutPolicy } from '../domain/policy/cut.js';
import { passingOutages } from './outage.js';

export interface PolicyDeps {
  readonly policies: Pick<PolicyStore, 'current' | 'history'>;
}

/**
 * The policy in force, cut to what one onboarding can need. A workflow asks when it was told of another policy or meets
 * a name that its cut does not hold, so that `unchanged` is the answer only where no name is asked for.
 */
export function createReadPolicy({ policies }: PolicyDeps): Activities['readPolicy'] {
  const current = currentPolicy(policies);
  return ({ known, names }) =>
    passingOutages(async () => {
      const { hash, policy } = await current();
      return hash === known && names.length === 0 ? 'unchanged' : cutPolicy(policy, names);
    });
}

/** Reads the whole policy only when its hash has changed: a publish makes every open onboarding ask at once. */
function currentPolicy(policies: PolicyDeps['policies']): () => Promise<StoredPolicy> {
  let cached: StoredPolicy | undefined;
  return async () => {
    const [latest] = await policies.history(1);
    if (cached === undefined || cached.hash !== latest?.hash) cached = await policies.current();
    if (cached === undefined) {
      throw activityFailure('NoPolicy', 'No policy is published yet: a start of the server publishes slipway.yaml.');
    }
    return cached;
  };
}
