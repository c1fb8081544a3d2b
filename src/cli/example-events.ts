type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonRecord = Readonly<Record<string, Json>>;

/** What an example says: the record as it is then, and the values before where the event carries them. */
interface Example {
  readonly record: JsonRecord;
  readonly previous?: JsonRecord;
}

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
const ONBOARDING = {
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
  completed_by: 'portal:con_example',
  assignee_email: 'mia@vendor.example',
};

/** One example of each type that Pivotal's overview names, and of two that its other pages do. Invented throughout. */
export const EXAMPLES: Readonly<Record<string, Example>> = {
  'customer.created': { record: CUSTOMER },
  'customer.updated': { record: { ...CUSTOMER, health_score: 84 }, previous: { health_score: 81 } },
  'customer.archived': { record: { ...CUSTOMER, status: 'archived' } },
  'customer.health_score_dropped': {
    record: { ...CUSTOMER, health_score: 48, previous_health_score: 81 },
    previous: { health_score: 81 },
  },
  'customer.at_risk': { record: { ...CUSTOMER, status: 'at_risk', at_risk: true } },
  'customer.churned': { record: { ...CUSTOMER, status: 'churned', churned: true } },
  'contact.created': { record: CONTACT },
  'onboarding.created': { record: ONBOARDING },
  'onboarding.updated': {
    record: { ...ONBOARDING, target_launch_date: '2027-07-14' },
    previous: { target_launch_date: '2027-06-30' },
  },
  'onboarding.phase_changed': { record: { ...ONBOARDING, phase: 'integration' }, previous: { phase: 'kickoff' } },
  'onboarding.state_changed': { record: { ...ONBOARDING, state: 'blocked' }, previous: { state: 'active' } },
  'onboarding.at_risk': { record: ONBOARDING },
  'onboarding.back_on_track': { record: ONBOARDING },
  'onboarding.launched': { record: { ...ONBOARDING, phase: 'launch' } },
  'onboarding.completed': { record: { ...ONBOARDING, phase: 'adoption', state: 'completed' } },
  'task.completed': { record: TASK },
  'webhook.ping': { record: {} },
};
