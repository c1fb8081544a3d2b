import type { Activities } from '../contracts/activities.js';
import { type CustomerDeps, createCustomerActivities } from './customer.js';
import { createNotify, type NotifyDeps } from './notify.js';
import { createReadPolicy, type PolicyDeps } from './policy.js';
import { createProject, type ProjectDeps } from './project.js';
import { createAnnouncePolicy, type PublishDeps } from './publish.js';

/** Everything the activities reach the world through. */
export type ActivityDeps = NotifyDeps & ProjectDeps & PolicyDeps & CustomerDeps & PublishDeps;

/** What the worker registers; the names are those that workflows call. */
export function createActivities(deps: ActivityDeps): Activities {
  return {
    notify: createNotify(deps),
    project: createProject(deps),
    readPolicy: createReadPolicy(deps),
    announcePolicy: createAnnouncePolicy(deps),
    ...createCustomerActivities(deps),
  };
}
