import type { PivotalType } from '../domain/outgoing/reemission.js';

type Example = {
  readonly object: Readonly<Record<string, string | number | boolean>>;
  readonly previous_attributes?: Readonly<Record<string, string | number>>;
};

const CUSTOMER = {
  id: 'cus_example',
  display_id: 1001,
  name: 'Borealis Example',
  status: 'active',
  health_score: 81,
  at_risk: false,
  churned: false,
  owner_email: 'mia@vendor.example',
};
export const ONBOARDING = {
  id: 'onb_example',
  customer_id: 'cus_example',
  display_id: 3001,
  name: 'Borealis Example rollout',
  phase: 'kickoff',
  state: 'active',
  target_launch_date: '2027-06-30',
  owner_email: 'mia@vendor.example',
};
const CONTACT = {
  id: 'con_example',
  customer_id: 'cus_example',
  display_id: 2001,
  name: 'Project lead',
  email: 'lead@borealis.example',
  title: 'Project lead',
  is_primary: true,
};
const TASK = {
  id: 'tsk_example',
  onboarding_id: 'onb_example',
  customer_id: 'cus_example',
  display_id: 4001,
  title: 'Send the SSO metadata',
  completed_at: '2027-01-14T08:59:00.000Z',
  completed_by: 'portal:con_example',
  assignee_email: 'mia@vendor.example',
};

/**
 * One example of each type that Pivotal's overview names, invented throughout: what the catalogue shows, and what
 * `slipway send` posts. Without schemas, since a command line should not wait for them.
 */
export const PIVOTAL_EXAMPLES: Readonly<Record<PivotalType, Example>> = {
  'customer.created': { object: CUSTOMER },
  'customer.updated': { object: { ...CUSTOMER, health_score: 84 }, previous_attributes: { health_score: 81 } },
  'customer.archived': { object: { ...CUSTOMER, status: 'archived' } },
  'customer.health_score_dropped': {
    object: { ...CUSTOMER, health_score: 48, previous_health_score: 81 },
    previous_attributes: { health_score: 81 },
  },
  'customer.at_risk': { object: { ...CUSTOMER, status: 'at_risk', at_risk: true } },
  'customer.churned': { object: { ...CUSTOMER, status: 'churned', churned: true } },
  'contact.created': { object: CONTACT },
  'onboarding.created': { object: ONBOARDING },
  'onboarding.phase_changed': {
    object: { ...ONBOARDING, phase: 'integration' },
    previous_attributes: { phase: 'kickoff' },
  },
  'onboarding.state_changed': { object: { ...ONBOARDING, state: 'blocked' }, previous_attributes: { state: 'active' } },
  'onboarding.at_risk': { object: ONBOARDING },
  'onboarding.back_on_track': { object: ONBOARDING },
  'onboarding.launched': { object: { ...ONBOARDING, phase: 'launch' } },
  'onboarding.completed': { object: { ...ONBOARDING, phase: 'adoption', state: 'completed' } },
  'task.completed': { object: TASK },
};
