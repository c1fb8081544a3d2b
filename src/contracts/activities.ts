import type { Escalation, Recipient, SendKind } from '../domain/escalation/escalation.js';
import type { EntityKey } from '../domain/event/key.js';
import type { EscalationView, OnboardingView } from '../domain/onboarding/present.js';
import type { LogEntry } from '../domain/onboarding/log.js';
import type { OnboardingState } from '../domain/onboarding/state.js';
import type { Policy, Severity } from '../domain/policy/policy.js';
import type { Clock } from '../domain/time/clock.js';
import type { OnboardingLink } from './messages.js';

/** What workflows may ask of the world. `createActivities(deps)` implements it; workflows proxy this interface. */
export interface Activities {
  /** Asks the gate, then makes one call to one channel. Never retried by the server: the retry is a decision of the core. */
  notify(order: NotifyOrder): Promise<NotifyResult>;
  /** Writes the view, its escalations and new log entries to the read model. Idempotent by log seq and revision. */
  project(projection: Projection): Promise<void>;
  /** Local activity: the current policy cut to these names; `unchanged` where `known` is current and holds them all. */
  readPolicy(question: PolicyQuestion): Promise<Policy | 'unchanged'>;
  /** signalWithStart of the customer's workflow. */
  linkCustomer(link: CustomerMessage<OnboardingLink>): Promise<void>;
  unlinkCustomer(unlink: CustomerMessage<{ id: string; carried: readonly Escalation[] }>): Promise<void>;
  reviveCustomer(revival: CustomerMessage<{ id: string; at: number }>): Promise<void>;
  denyCustomer(denial: CustomerMessage<{ rule: 'customer_at_risk' | 'customer_churned'; at: number }>): Promise<void>;
  /** One page of the publish: signals up to `limit` open onboardings and returns where to go on, null at the end. */
  announcePolicy(page: {
    hash: string;
    cursor: string | null;
    limit: number;
  }): Promise<{ cursor: string | null; told: number }>;
}

export interface CustomerMessage<T> {
  readonly customer: EntityKey;
  readonly clock: Clock;
  readonly message: T;
}

export interface PolicyQuestion {
  readonly known: string | null;
  readonly key: EntityKey;
  /** Phases, e-mails, user ids and person ids that the record and the actions name. */
  readonly names: readonly string[];
}

/** One message to one recipient through one channel, with all that its text needs. */
export interface NotifyOrder {
  readonly key: string;
  readonly workflowId: string;
  readonly entity: EntityKey;
  readonly kind: SendKind;
  readonly channel: string;
  readonly recipient: Recipient;
  readonly level: number;
  readonly fallback: boolean;
  readonly text: string;
  readonly severity: Severity;
  readonly escalation: EscalationView;
  readonly onboarding: OnboardingView;
  readonly gate: GateQuestion;
}

/** What the gate must know to tell whether a source is still catching up. Instants virtual unless said otherwise. */
export interface GateQuestion {
  readonly dueAt: number;
  readonly sources: readonly string[];
  readonly workflowId: string;
  readonly severity: Severity;
  readonly clock: Clock;
  readonly settleMs: number;
  readonly catchUpMs: number;
  /** Updates of what already went out (`resolved` …) pass without asking. */
  readonly applies: boolean;
}

export type NotifyResult =
  | { readonly outcome: 'sent'; readonly providerId?: string; readonly atReal: number }
  /** The gate holds it: nothing was sent, ask again at `until` (virtual). */
  | { readonly outcome: 'later'; readonly until: number; readonly reason: string }
  | {
      readonly outcome: 'failed';
      readonly failure: FailureWord;
      readonly message: string;
      readonly retryAfterMs?: number;
    };

/** Why a call failed. Retry decides on the count and the two hours, not on the word; the word is for people and metrics. */
export type FailureWord =
  | 'RateLimited'
  | 'UpstreamUnavailable'
  | 'OutcomeUnknown'
  | 'AuthRejected'
  | 'InvalidConfig'
  | 'InvalidRecipient'
  | 'PayloadRejected'
  | 'TargetForbidden'
  | 'StoreUnavailable';

export interface Projection {
  readonly entity: EntityKey;
  readonly workflowId: string;
  /** Rises with every projection of an onboarding, so that one that arrives late never overwrites a newer one. */
  readonly revision: number;
  readonly view: OnboardingView;
  readonly escalations: readonly EscalationView[];
  readonly log: readonly LogEntry[];
  /** The final state, when the onboarding closes: a reopen starts from it. */
  readonly final?: OnboardingState;
}
