import type { Activities, Projection } from '../contracts/activities.js';
import type { Observer } from '../contracts/observer.js';
import type { ReadModel } from '../contracts/read-model.js';
import type { LogEntry } from '../domain/onboarding/log.js';
import { passingOutages } from './outage.js';

export interface ProjectDeps {
  readonly readModel: Pick<ReadModel, 'project'>;
  readonly observer: Observer;
}

export function createProject({ readModel, observer }: ProjectDeps): Activities['project'] {
  return async (projection) => {
    const news = await passingOutages(() => readModel.project(projection));
    observer.count('slipway_projections_total');
    countEscalations(projection, news, observer);
  };
}

/** What counts as something that became of an escalation. */
const COUNTED: ReadonlySet<string> = new Set(['opened', 'climbed', 'repeated', 'restarted', 'expired', 'resolved']);

/** Each entry once, however often it is projected: the store says which are new. */
function countEscalations({ escalations }: Projection, news: readonly LogEntry[], observer: Observer): void {
  for (const { what } of news) {
    if (!COUNTED.has(what.kind) || !('escalation' in what)) continue;
    const about = escalations.find((one) => one.id === what.escalation);
    if (about) observer.count('slipway_escalations_total', { rule: about.rule, what: what.kind });
  }
}
