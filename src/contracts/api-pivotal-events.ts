import { z } from 'zod';
import type { PivotalType } from '../domain/outgoing/reemission.js';
import { type DescribedEvent, eventSchema, exampleEvent } from './api-event-envelope.js';
import {
  CONTACT,
  CUSTOMER,
  ONBOARDING,
  PivotalContact,
  PivotalCustomer,
  PivotalOnboarding,
  PivotalTask,
  TASK,
} from './api-pivotal-records.js';

interface Described {
  readonly says: string;
  readonly fires: string;
  /** What is other than in the plain record. */
  readonly record?: object;
  readonly previous?: object;
}

const BLOCKED = { record: { state: 'blocked' }, previous: { state: 'active' } };
const MOVED = { record: { phase: 'integration' }, previous: { phase: 'kickoff' } };
const SCORED = { record: { health_score: 84 }, previous: { health_score: 81 } };
const DROPPED = { record: { health_score: 48, previous_health_score: 81 }, previous: { health_score: 81 } };

const EVENTS: Readonly<Record<PivotalType, Described>> = {
  'customer.created': {
    says: 'A customer was added.',
    fires: 'When somebody, the API or a CRM sync adds a customer; the first sync brings one for every account.',
  },
  'customer.updated': {
    says: 'A field of a customer changed.',
    fires: 'When any field of a customer changes; the values before are given for the changed fields.',
    ...SCORED,
  },
  'customer.archived': {
    says: 'A customer was archived.',
    fires: 'When a customer leaves the active list; the record stays.',
    record: { status: 'archived' },
  },
  'customer.health_score_dropped': {
    says: 'The health score of a customer fell.',
    fires: 'When the score falls by 10 points or more between two calculations.',
    ...DROPPED,
  },
  'customer.at_risk': {
    says: 'A customer is at risk.',
    fires: 'When the at-risk flag of a customer is set; no event tells that it was cleared.',
    record: { status: 'at_risk', at_risk: true },
  },
  'customer.churned': {
    says: 'A customer has churned.',
    fires: 'When a customer is marked as churned.',
    record: { status: 'churned', churned: true },
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
    ...MOVED,
  },
  'onboarding.state_changed': {
    says: 'The state of an onboarding changed.',
    fires: 'When its state becomes another one: active, paused, blocked, completed, or a word of the workspace.',
    ...BLOCKED,
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
    record: { phase: 'launch' },
  },
  'onboarding.completed': {
    says: 'An onboarding is completed.',
    fires: 'When it reaches its last state.',
    record: { phase: 'adoption', state: 'completed' },
  },
  'task.completed': {
    says: 'A task was completed.',
    fires: 'When a teammate, somebody in the portal or an automation marks a task as done; no event tells a reopening.',
  },
};

const RECORDS = {
  customer: [PivotalCustomer, CUSTOMER],
  contact: [PivotalContact, CONTACT],
  onboarding: [PivotalOnboarding, ONBOARDING],
  task: [PivotalTask, TASK],
} as const;

const previousValues = z.record(z.string(), z.unknown());

/** Pivotal's own events, verified, each once, in the order in which they came for one onboarding or customer. */
export const PIVOTAL_EVENTS: readonly DescribedEvent[] = Object.entries(EVENTS).map(
  ([name, { says, fires, record, previous }]) => {
    const group = name.split('.')[0] as keyof typeof RECORDS;
    const [schema, plain] = RECORDS[group];
    const example = exampleEvent(name, { ...plain, ...record }, previous);
    return { name, group, says, fires, schema: eventSchema(name, schema, previousValues), example };
  },
);
