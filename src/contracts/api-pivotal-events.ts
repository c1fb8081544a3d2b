import { z } from 'zod';
import type { PivotalType } from '../domain/outgoing/reemission.js';
import { type DescribedEvent, eventSchema, exampleEvent } from './api-event-envelope.js';
import { PivotalContact, PivotalCustomer, PivotalOnboarding, PivotalTask } from './api-pivotal-records.js';
import { PIVOTAL_EXAMPLES } from './pivotal-examples.js';

interface Described {
  readonly says: string;
  readonly fires: string;
}

const EVENTS: Readonly<Record<PivotalType, Described>> = {
  'customer.created': {
    says: 'A customer was added.',
    fires: 'When somebody, the API or a CRM sync adds a customer; the first sync brings one for every account.',
  },
  'customer.updated': {
    says: 'A field of a customer changed.',
    fires: 'When any field of a customer changes; the values before are given for the changed fields.',
  },
  'customer.archived': {
    says: 'A customer was archived.',
    fires: 'When a customer leaves the active list; the record stays.',
  },
  'customer.health_score_dropped': {
    says: 'The health score of a customer fell.',
    fires: 'When the score falls by 10 points or more between two calculations.',
  },
  'customer.at_risk': {
    says: 'A customer is at risk.',
    fires: 'When the at-risk flag of a customer is set; no event tells that it was cleared.',
  },
  'customer.churned': {
    says: 'A customer has churned.',
    fires: 'When a customer is marked as churned.',
  },
  'contact.created': {
    says: 'A contact was attached to a customer.',
    fires: 'When a contact is attached to a customer.',
  },
  'onboarding.created': {
    says: 'An onboarding began.',
    fires: 'When an onboarding is made for a customer.',
  },
  'onboarding.phase_changed': {
    says: 'An onboarding moved to another phase.',
    fires: 'When it advances, is sent back or skips a phase.',
  },
  'onboarding.state_changed': {
    says: 'The state of an onboarding changed.',
    fires: 'When its state becomes another one: active, paused, blocked, completed, or a word of the workspace.',
  },
  'onboarding.at_risk': {
    says: 'An onboarding is at risk.',
    fires: 'When the at-risk flag of an onboarding is set.',
  },
  'onboarding.back_on_track': {
    says: 'An onboarding is back on track.',
    fires: 'When the at-risk flag of an onboarding is cleared.',
  },
  'onboarding.launched': {
    says: 'An onboarding has launched.',
    fires: 'When it is marked as live with its users.',
  },
  'onboarding.completed': {
    says: 'An onboarding is completed.',
    fires: 'When it reaches its last state.',
  },
  'task.completed': {
    says: 'A task was completed.',
    fires: 'When a teammate, somebody in the portal or an automation marks a task as done; no event tells a reopening.',
  },
};

const RECORDS = {
  customer: PivotalCustomer,
  contact: PivotalContact,
  onboarding: PivotalOnboarding,
  task: PivotalTask,
} as const;

const previousValues = z.record(z.string(), z.unknown());

/** Pivotal's own events, verified, each once, in the order in which they came for one onboarding or customer. */
export const PIVOTAL_EVENTS: readonly DescribedEvent[] = Object.entries(EVENTS).map(([name, { says, fires }]) => {
  const group = name.split('.')[0] as keyof typeof RECORDS;
  const { object, previous_attributes: previous } = PIVOTAL_EXAMPLES[name as PivotalType];
  const example = exampleEvent(name, object, previous);
  return { name, group, says, fires, schema: eventSchema(name, RECORDS[group], previousValues), example };
});
