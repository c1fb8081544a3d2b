import type { CustomerFact, CustomerFields, Fact, RecordFields } from './fact.js';
import {
  amount,
  firstOf,
  flag,
  identity,
  isObject,
  type Json,
  label,
  own,
  person,
  said,
  text,
  word,
} from './fields.js';
import { civilDate, instant } from './said-time.js';

/** Names by which the sender's pages call whoever is responsible, the webhook's own first. */
const OWNER = ['owner_email', 'owner', 'csm_email', 'csm', 'csm_id', 'owner_id'];

/** An onboarding's record in our words. `org` comes from the envelope. */
export function onboardingFields(record: Json, org: string | null): RecordFields {
  const customer = own(record, 'customer_id');
  return said<RecordFields>({
    name: text(own(record, 'name')),
    customerId: customer === null ? null : identity(customer),
    org: org ?? undefined,
    displayId: label(own(record, 'display_id')),
    phase: firstOf(record, ['phase', 'to_phase'], word),
    state: word(own(record, 'state')),
    waitingOnCustomer: flag(own(record, 'waiting_on_customer')),
    target: civilDate(own(record, 'target_launch_date')),
    owner: firstOf(record, OWNER, person),
    csm: firstOf(record, ['csm_email', 'csm', 'csm_id'], person),
    se: firstOf(record, ['se_email', 'se', 'se_id'], person),
    designer: firstOf(record, ['designer_email', 'designer', 'designer_id'], person),
    productOps: firstOf(record, ['product_ops_email', 'product_ops', 'product_ops_id'], person),
    launchedAt: instant(own(record, 'launched_at')),
    completedAt: instant(own(record, 'completed_at')),
  });
}

/** The values before an onboarding's event; a transition record names its own `from_phase`. */
export function previousFields(previous: Json, record: Json): Fact['previous'] {
  return said<Fact['previous']>({
    phase: word(own(previous, 'phase')) ?? word(own(record, 'from_phase')),
    state: word(own(previous, 'state')),
    target: civilDate(own(previous, 'target_launch_date')),
    owner: firstOf(previous, OWNER, person),
  });
}

/**
 * What a record that only belongs to an onboarding (a task, a comment) says of it: its customer. Its name and phase are
 * its own.
 */
export function fieldsOfPart(record: Json, org: string | null): RecordFields {
  return said<RecordFields>({ customerId: identity(own(record, 'customer_id')), org: org ?? undefined });
}

export function taskOf(record: Json, eventId: string): NonNullable<Fact['task']> {
  return said<NonNullable<Fact['task']>>({
    id: identity(own(record, 'id')) ?? eventId,
    title: text(own(record, 'title')) ?? 'a task without a title',
    by: completedBy(own(record, 'completed_by')),
  });
}

/** A tagged string, `portal:contact_8d`, or a user. */
function completedBy(value: unknown): string | undefined {
  return (isObject(value) ? person(value) : word(value)) ?? undefined;
}

/** A customer's record in our words. */
export function customerFields(record: Json, org: string | null): CustomerFields {
  return said<CustomerFields>({
    name: text(own(record, 'name')),
    org: org ?? undefined,
    owner: firstOf(record, OWNER, person),
    status: word(own(record, 'status')),
    atRisk: flag(own(record, 'at_risk')),
    churned: flag(own(record, 'churned')),
    healthScore: amount(own(record, 'health_score')),
  });
}

/**
 * The score before a drop stands in two places. Only a drop's own record is believed: other events repeat
 * `previous_health_score` long after.
 */
export function previousScore(previous: Json, record: Json, isDrop: boolean): CustomerFact['previous'] {
  const before =
    amount(own(previous, 'health_score')) ?? (isDrop ? amount(own(record, 'previous_health_score')) : undefined);
  return said<CustomerFact['previous']>({ healthScore: before });
}

export function contactFields(record: Json, org: string | null): CustomerFields {
  const id = identity(own(record, 'id'));
  return said<CustomerFields>({
    org: org ?? undefined,
    contact: id === undefined ? undefined : { id, primary: own(record, 'is_primary') === true },
  });
}
