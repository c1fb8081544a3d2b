import type { Projection } from '../../src/contracts/activities.js';
import { workflowId } from '../../src/contracts/ids.js';
import type { EscalationView, OnboardingView } from '../../src/domain/onboarding/present.js';
import type { EntityKey } from '../../src/domain/event/key.js';

export function key(id: string, change: Partial<EntityKey> = {}): EntityKey {
  return { workspace: 'main', mode: 'live', id, ...change };
}

export function view(entity: EntityKey, change: Partial<OnboardingView> = {}): OnboardingView {
  return {
    id: entity.id,
    org: 'org_1',
    workspace: entity.workspace,
    mode: entity.mode,
    customer_id: 'cus_1',
    name: `Onboarding ${entity.id}`,
    phase: 'uat',
    state: 'running',
    hold: null,
    health: 'on_track',
    at_risk: false,
    phase_entered_at: '2026-11-02T09:00:00.000Z',
    phase_entered_at_least: false,
    target: { first: '2026-12-01', latest: '2026-12-01', shifts: [] },
    created_at: '2026-11-01T09:00:00.000Z',
    launched_at: null,
    completed_at: null,
    last_activity_at: null,
    owner: 'mia',
    escalations: [],
    stalled_ms: 0,
    next_wake_at: null,
    next_wake_reason: null,
    events: { applied: 0, duplicates: 0, late: 0 },
    closed: false,
    workflow_id: workflowId('onboarding', entity),
    temporal_url: null,
    ...change,
  };
}

export function escalation(id: string, onboarding: string, change: Partial<EscalationView> = {}): EscalationView {
  return {
    id,
    onboarding_id: onboarding,
    rule: 'stuck_in_phase',
    severity: 'normal',
    status: 'open',
    level: 1,
    opened_at: '2026-11-09T09:00:00.000Z',
    reason: 'Six working days in UAT.',
    evidence: [],
    acknowledged: null,
    snoozed_until: null,
    resolved: null,
    assigned_to: null,
    notes: [],
    sends: [],
    ...change,
  };
}

export function projection(
  entity: EntityKey,
  revision: number,
  change: Partial<OnboardingView> = {},
  rest: Partial<Projection> = {},
): Projection {
  const shown = view(entity, change);
  return {
    entity,
    workflowId: shown.workflow_id,
    revision,
    view: shown,
    escalations: shown.escalations,
    log: [],
    ...rest,
  };
}
