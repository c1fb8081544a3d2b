import type { ChannelMessage } from '../../src/channels/channel.js';
import type { EscalationView, OnboardingView } from '../../src/domain/onboarding/present.js';

export const TUESDAY_9AM_BERLIN = Date.UTC(2026, 10, 24, 8, 0, 0);

export const ESCALATION: EscalationView = {
  id: 'esc_live~main~onb_42~1',
  onboarding_id: 'onb_42',
  rule: 'stuck_in_phase',
  severity: 'normal',
  status: 'open',
  level: 2,
  opened_at: '2026-11-17T08:00:00.000Z',
  reason: 'In uat for 9 working days, 8 are the limit.',
  evidence: ['Entered uat on 2026-11-11.'],
  acknowledged: null,
  snoozed_until: null,
  resolved: null,
  assigned_to: null,
  notes: [],
  sends: [],
};

export const ONBOARDING: OnboardingView = {
  id: 'onb_42',
  org: 'org_1',
  workspace: 'main',
  mode: 'live',
  customer_id: 'cus_7',
  name: 'Borealis · EU rollout',
  phase: 'uat',
  state: 'running',
  hold: null,
  health: 'stuck',
  at_risk: false,
  phase_entered_at: '2026-11-11T08:00:00.000Z',
  phase_entered_at_least: false,
  target: { first: '2026-12-01', latest: '2026-12-15', shifts: [] },
  created_at: '2026-10-01T08:00:00.000Z',
  launched_at: null,
  completed_at: null,
  last_activity_at: '2026-11-11T08:00:00.000Z',
  owner: 'mia',
  escalations: [ESCALATION],
  stalled_ms: 0,
  next_wake_at: null,
  next_wake_reason: null,
  events: { applied: 3, duplicates: 0, late: 0 },
  closed: false,
  workflow_id: 'onboarding/main/onb_42',
  temporal_url: null,
};

export const RECIPIENT = { id: 'mia', name: 'Mia Park', email: 'mia@vendor.example' };

export function messageOf(more: Partial<ChannelMessage> = {}): ChannelMessage {
  return {
    key: `${ESCALATION.id}/notified/2/0/hook/mia`,
    kind: 'notified',
    level: 2,
    fallback: false,
    recipient: RECIPIENT,
    severity: 'normal',
    text: 'Borealis · EU rollout has been stuck in uat for 9 working days.',
    escalation: ESCALATION,
    onboarding: ONBOARDING,
    at: TUESDAY_9AM_BERLIN,
    ...more,
  };
}
