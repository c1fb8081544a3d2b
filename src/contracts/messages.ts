import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { CustomerStanding } from '../domain/customer/standing.js';
import type { CustomerState } from '../domain/customer/state.js';
import type { EscalationAction, OnboardingAction } from '../domain/escalation/action.js';
import type { Escalation } from '../domain/escalation/escalation.js';
import type { CustomerFact, Fact } from '../domain/event/fact.js';
import type { EntityKey } from '../domain/event/key.js';
import type { EscalationView, OnboardingView } from '../domain/onboarding/present.js';
import type { OnboardingState } from '../domain/onboarding/state.js';
import type { Clock } from '../domain/time/clock.js';

/**
 * Signals carry what happened: nobody waits for an answer, and they are accepted while every worker is down.
 * Updates are what people ask for: validated, answered. Queries look.
 */

/** Up to 50 events or 128 kB of one onboarding in one signal. */
export const eventsSignal = defineSignal<[readonly Fact[]]>('events');
/** A new policy is published: the onboarding fetches its cut at once, as the publish tells only so many a second. */
export const policySignal = defineSignal<[{ hash: string }]>('policyPublished');
export const standingSignal = defineSignal<[CustomerStanding]>('customerStanding');

type Of<V extends EscalationAction['verb']> = Extract<EscalationAction, { verb: V }>;
/** The escalation acted on, and the onboarding's other open ones (`acknowledge` with `all` takes them too). */
export interface ActionAnswer {
  readonly escalation: EscalationView;
  readonly others: readonly EscalationView[];
}
export const acknowledgeUpdate = defineUpdate<ActionAnswer, [Of<'acknowledge'>]>('acknowledge');
export const snoozeUpdate = defineUpdate<ActionAnswer, [Of<'snooze'>]>('snooze');
export const resolveUpdate = defineUpdate<ActionAnswer, [Of<'resolve'>]>('resolve');
export const reassignUpdate = defineUpdate<ActionAnswer, [Of<'reassign'>]>('reassign');
export const escalateUpdate = defineUpdate<ActionAnswer, [Of<'escalate'>]>('escalate');
export const noteUpdate = defineUpdate<ActionAnswer, [Of<'note'>]>('note');

type OfOnboarding<V extends OnboardingAction['verb']> = Extract<OnboardingAction, { verb: V }>;
export const holdUpdate = defineUpdate<OnboardingView, [OfOnboarding<'hold'>]>('hold');
export const releaseUpdate = defineUpdate<OnboardingView, [OfOnboarding<'release'>]>('release');
export const closeUpdate = defineUpdate<OnboardingView, [OfOnboarding<'close'>]>('close');

/**
 * How Slipway looks at a running onboarding: an update whose validator answers by refusing, so that it leaves no trace in
 * the history. A query will not do. One that reaches a worker which does not hold the workflow is answered from whatever
 * history there is by then, and a signal that has just come is carried out for it on the clock of the task before; the
 * commands then differ from those of the next replay, and the workflow stands still for good (seen under load: 1 in 10).
 */
export const lookUpdate = defineUpdate<void, [Look]>('look');
export type Look = 'view' | 'state';
/** The failure type of that answer; its one detail is what was asked for. */
export const LOOKED = 'Looked';

/** For the Temporal UI, for diagnosis, and for onboardings that have closed: no signal reaches those any more. */
export const viewQuery = defineQuery<OnboardingView>('getOnboarding');
export const stateQuery = defineQuery<OnboardingState>('getState');

export const customerEventsSignal = defineSignal<[readonly CustomerFact[]]>('customerEvents');
export const linkSignal = defineSignal<[OnboardingLink]>('link');
export const unlinkSignal = defineSignal<[{ id: string; carried: readonly Escalation[] }]>('unlink');
/** An onboarding of the customer became active or moved phase: a churn or archive hold may end. */
export const revivedSignal = defineSignal<[{ id: string; at: number }]>('revived');
/** A person resolved the customer's escalation: the flag is denied until a later event sets it. */
export const denySignal = defineSignal<[{ rule: 'customer_at_risk' | 'customer_churned'; at: number }]>('deny');
export const customerStateQuery = defineQuery<CustomerState>('getState');

export interface OnboardingLink {
  readonly id: string;
  readonly createdAt: number;
}

/** Input of the `onboarding` workflow: a fresh start, or the state of the run before. */
export interface OnboardingInput {
  readonly key: EntityKey;
  readonly clock: Clock;
  readonly state?: OnboardingState;
  /** History events after which a run continues as new; tests force it, 1,000 otherwise. */
  readonly maxHistory?: number;
  /** Ids of updates that former runs answered, so that a repeat of one is answered and not carried out again. */
  readonly answered?: readonly string[];
}

export interface CustomerInput {
  readonly key: EntityKey;
  readonly clock: Clock;
  readonly state?: CustomerState;
  readonly maxHistory?: number;
}

/** Input of the `publish` workflow: tells every open onboarding of a new policy, spread over time. */
export interface PublishInput {
  readonly hash: string;
  /** Signals per second, real. */
  readonly perSecond: number;
  readonly cursor?: string;
}
