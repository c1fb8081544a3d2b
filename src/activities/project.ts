import type { Activities } from '../contracts/activities.js';
import type { Observer } from '../contracts/observer.js';
import type { ReadModel } from '../contracts/read-model.js';
import { passingOutages } from './outage.js';

export interface ProjectDeps {
  readonly readModel: Pick<ReadModel, 'project'>;
  readonly observer: Observer;
}

export function createProject({ readModel, observer }: ProjectDeps): Activities['project'] {
  return async (projection) => {
    await passingOutages(() => readModel.project(projection));
    observer.count('slipway_projections_total');
  };
}
