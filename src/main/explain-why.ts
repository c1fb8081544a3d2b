import type { Explanation } from '../api/deps.js';
import type { EntityKey } from '../domain/event/key.js';
import { explain } from '../domain/why.js';
import { readEvents, type RecordDeps, recordOf } from '../rebuild/read-record.js';

/** Why rules fired or did not at an instant, folded from archive and decision log; undefined where nothing is known. */
export function createWhy(deps: RecordDeps): (key: EntityKey, at: number) => Promise<Explanation | undefined> {
  return async (key, at) => {
    const [log, rows] = await Promise.all([deps.readModel.log(key), readEvents(deps, key)]);
    if (log.length === 0) return undefined;
    const found = explain(await recordOf(deps, key, rows, log), at);
    return found ? { at, why: found.reasons, wake: found.wake } : undefined;
  };
}
