import type { Projection } from '../contracts/activities.js';
import type { EscalationFilter, OnboardingFilter, ReadModel } from '../contracts/read-model.js';
import type { EntityKey } from '../domain/event/key.js';
import { findEscalation, listEscalations } from './escalations.js';
import { findOnboarding, listOnboardings, listOpenWorkflows, readFinal, readLog } from './onboardings.js';
import { writeProjection } from './project.js';
import { reaching } from './unavailable.js';
import type { WebhookDeps } from './webhooks/deps.js';

export function openReadModel(deps: WebhookDeps): ReadModel {
  const { db } = deps;
  return {
    project: (projection: Projection) => reaching(() => writeProjection(deps, projection)),
    onboarding: (id, choose) => reaching(() => findOnboarding(db, id, choose)),
    onboardings: (filter: OnboardingFilter) => reaching(() => listOnboardings(db, filter)),
    escalations: (filter: EscalationFilter) => reaching(() => listEscalations(db, filter)),
    escalation: (id) => reaching(() => findEscalation(db, id)),
    log: (key: EntityKey) => reaching(() => readLog(db, key)),
    final: (key: EntityKey) => reaching(() => readFinal(db, key)),
    openWorkflows: (cursor, limit) => reaching(() => listOpenWorkflows(db, cursor, limit)),
  };
}
