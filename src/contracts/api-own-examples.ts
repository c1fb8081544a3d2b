import type { Escalation } from './api-escalations.js';
import { EXAMPLE_AT } from './api-event-envelope.js';
import type { Onboarding } from './api-onboardings.js';

const OPENED_AT = '2027-01-14T08:59:30.000Z';
const ID = 'esc_test~main~onb_example~1';

/** An escalation that was just sent to its owner. */
export const OPEN: Escalation = {
  id: ID,
  onboarding_id: 'onb_example',
  rule: 'stuck_in_phase',
  severity: 'normal',
  status: 'open',
  level: 1,
  opened_at: OPENED_AT,
  reason: 'Stuck in integration for 15 working days',
  evidence: ['In integration since 2026-12-18'],
  acknowledged: null,
  snoozed_until: null,
  resolved: null,
  assigned_to: null,
  notes: [],
  sends: [
    {
      key: `${ID}/notified/1/0/log/mia`,
      channel: 'log',
      recipient: 'mia',
      kind: 'notified',
      level: 1,
      fallback: false,
      at: EXAMPLE_AT,
      due_at: OPENED_AT,
      status: 'sent',
      tries: 1,
      error: null,
      provider_id: null,
    },
  ],
};

export const ACKNOWLEDGED: Escalation = {
  ...OPEN,
  status: 'acknowledged',
  acknowledged: { by: 'mia', at: EXAMPLE_AT, expires_at: '2027-01-19T09:00:00.000Z' },
};
export const SNOOZED: Escalation = { ...OPEN, status: 'snoozed', snoozed_until: '2027-01-15T08:00:00.000Z' };
export const RESOLVED: Escalation = {
  ...OPEN,
  status: 'resolved',
  resolved: { by: null, at: EXAMPLE_AT, reason: 'it moved to uat' },
};

/** An onboarding that has become stuck. */
export const STUCK: Onboarding = {
  id: 'onb_example',
  org: 'org_example',
  workspace: 'main',
  mode: 'test',
  customer_id: 'cus_example',
  name: 'Borealis Example rollout',
  phase: 'integration',
  state: 'running',
  hold: null,
  health: 'stuck',
  at_risk: false,
  phase_entered_at: '2026-12-18T09:00:00.000Z',
  phase_entered_at_least: false,
  target: { first: '2027-06-30', latest: '2027-06-30', shifts: [] },
  created_at: '2026-12-01T09:00:00.000Z',
  launched_at: null,
  completed_at: null,
  last_activity_at: '2027-01-06T10:12:00.000Z',
  owner: 'mia',
  escalations: [],
  stalled_ms: 0,
  next_wake_at: '2027-01-20T08:00:00.000Z',
  next_wake_reason: 'Stuck in phase (integration): level 2 due Wed 09:00 Berlin',
  events: { applied: 6, duplicates: 1, late: 0 },
  closed: false,
  workflow_id: 'test/onboarding/main/onb_example',
  temporal_url: null,
};

export const MOVED_TARGET: Onboarding = {
  ...STUCK,
  health: 'on_track',
  target: {
    first: '2027-06-30',
    latest: '2027-07-14',
    shifts: [{ from: '2027-06-30', to: '2027-07-14', at: EXAMPLE_AT }],
  },
};
