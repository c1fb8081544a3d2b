import type { Activities } from '../contracts/activities.js';
import type { Gateway } from '../contracts/gateway.js';
import type { ReadModel } from '../contracts/read-model.js';
import { whileHeartbeating } from './heartbeat.js';
import { passingOutages } from './outage.js';

export interface PublishDeps {
  readonly readModel: Pick<ReadModel, 'openWorkflows'>;
  readonly gateway: Pick<Gateway, 'announcePolicy'>;
}

/**
 * Tells one page of open onboardings of a policy, in order of their ids. A page that is tried again tells some of them
 * twice, which costs them one more look; one that closed meanwhile is passed over.
 */
export function createAnnouncePolicy({ readModel, gateway }: PublishDeps): Activities['announcePolicy'] {
  return ({ hash, cursor, limit }) =>
    whileHeartbeating((signal) =>
      passingOutages(async () => {
        const ids = await readModel.openWorkflows(cursor, limit);
        let told = 0;
        for (const id of ids) {
          signal.throwIfAborted();
          if ((await gateway.announcePolicy(id, hash)) === 'signalled') told += 1;
        }
        return { cursor: ids.length < limit ? null : (ids.at(-1) ?? null), told };
      }),
    );
}
