import type { CustomerFactKind, FactKind } from './fact.js';

/** What a type speaks about, and what it claims to have happened. `record`: look at what the record shows. */
export type EventMeaning =
  | { readonly about: 'onboarding' | 'task'; readonly kind: FactKind }
  | { readonly about: 'customer' | 'contact'; readonly kind: CustomerFactKind }
  | { readonly about: 'anything' | 'nothing' };

const onboarding = (kind: FactKind): EventMeaning => ({ about: 'onboarding', kind });
const task = (kind: FactKind): EventMeaning => ({ about: 'task', kind });
const customer = (kind: CustomerFactKind): EventMeaning => ({ about: 'customer', kind });

/**
 * The types that claim more than "a record was seen": the fifteen that ship, and the names that the sender's other
 * pages use for the same things (webhook, activity feed, audit log).
 */
const MEANINGS: ReadonlyMap<string, EventMeaning> = new Map([
  ['onboarding.created', onboarding('created')],
  ['onboarding_created', onboarding('created')],
  ['onboarding.phase_changed', onboarding('moved')],
  ['onboarding.phase_moved', onboarding('moved')],
  ['phase.changed', onboarding('moved')],
  ['phase_changed', onboarding('moved')],
  ['onboarding.state_changed', onboarding('state')],
  // "State flip only", says the page that names it.
  ['onboarding.delayed', onboarding('state')],
  ['state.changed', onboarding('state')],
  ['state_changed', onboarding('state')],
  ['target_shifted', onboarding('record')],
  ['onboarding.at_risk', onboarding('at_risk')],
  ['onboarding.back_on_track', onboarding('back_on_track')],
  ['onboarding.launched', onboarding('launched')],
  ['onboarding.completed', onboarding('completed')],
  ['task.completed', task('task')],
  ['onboarding.task_completed', task('task')],
  ['task_completed', task('task')],
  ['customer.archived', customer('archived')],
  ['customer.health_score_dropped', customer('health_dropped')],
  ['customer.at_risk', customer('at_risk')],
  ['customer.churned', customer('churned')],
]);

const FAMILIES: readonly (readonly [prefix: string, EventMeaning])[] = [
  ['onboarding.task_', task('record')],
  ['onboarding.', onboarding('record')],
  ['task.', task('record')],
  ['task_', task('record')],
  ['customer.', customer('record')],
  ['contact.', { about: 'contact', kind: 'contact' }],
  ['webhook', { about: 'nothing' }],
];

/** Never without an answer: an unknown type of a known family is a record of it, any other is judged by its record. */
export function meaningOf(type: string): EventMeaning {
  const name = type.toLowerCase();
  const known = MEANINGS.get(name) ?? FAMILIES.find(([prefix]) => name.startsWith(prefix))?.[1];
  return known ?? { about: 'anything' };
}
