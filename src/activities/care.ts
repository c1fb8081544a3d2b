import type { CareActivities } from '../contracts/care.js';
import { createErasureActivities, type ErasureDeps } from './erasure.js';
import { createRetentionActivities, type RetentionDeps } from './retention.js';

export type CareDeps = RetentionDeps & ErasureDeps;

/** What the workflows `retention` and `erasure` call; registered beside `createActivities`. */
export function createCareActivities(deps: CareDeps): CareActivities {
  return { ...createRetentionActivities(deps), ...createErasureActivities(deps) };
}
