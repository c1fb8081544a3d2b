import type { ReadModelRebuild, RebuildActivities } from '../contracts/rebuild.js';
import { whileHeartbeating } from './heartbeat.js';
import { passingOutages } from './outage.js';

export interface RebuildDeps {
  readonly readModelRebuild: ReadModelRebuild;
}

/** Asked at a time: each is a task of a worker that has the living to serve as well. */
const AT_ONCE = 4;

/** One page of onboardings, their rows written again; a page that is tried again writes the same. */
export function createRebuildActivities({ readModelRebuild }: RebuildDeps): RebuildActivities {
  const rebuildReadModel: RebuildActivities['rebuildReadModel'] = ({ cursor, limit }) =>
    whileHeartbeating((signal) =>
      passingOutages(async () => {
        const ids = await readModelRebuild.workflows(cursor, limit);
        const waiting = [...ids];
        const unanswered: string[] = [];
        const lane = async () => {
          for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
            signal.throwIfAborted();
            if ((await readModelRebuild.rebuild(id)) === 'unanswered') unanswered.push(id);
          }
        };
        await Promise.all(Array.from({ length: AT_ONCE }, lane));
        return { cursor: ids.length < limit ? null : (ids.at(-1) ?? null), rebuilt: ids.length, unanswered };
      }),
    );
  return { rebuildReadModel };
}
