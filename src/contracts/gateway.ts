import type { EntityKey } from '../domain/event/key.js';
import type { CustomerFact, Fact } from '../domain/event/fact.js';
import type { OnboardingView } from '../domain/onboarding/present.js';
import type { OnboardingState } from '../domain/onboarding/state.js';
import type { EscalationAction, OnboardingAction } from '../domain/escalation/action.js';
import type { CustomerMessage } from './activities.js';
import type { ActionAnswer, OnboardingLink } from './messages.js';
import type { Escalation } from '../domain/escalation/escalation.js';

/** The Temporal server as the other rooms see it. Every call has a deadline; a call that fails throws `GatewayError`. */
export interface Gateway {
  /** signalWithStart; `closed` where the onboarding's workflow has ended (nothing was signalled then). */
  signalEvents(key: EntityKey, facts: readonly Fact[], title?: string): Promise<'signalled' | 'closed'>;
  /** The same for an onboarding that has closed once: a run that goes on hears them, and none is started. */
  signalRunning(key: EntityKey, facts: readonly Fact[]): Promise<'signalled' | 'closed'>;
  signalCustomer(key: EntityKey, facts: readonly CustomerFact[]): Promise<'signalled' | 'closed'>;
  /** Starts a new run of a closed onboarding from its stored final state, with the facts that reopened it. */
  reopen(state: OnboardingState, facts: readonly Fact[]): Promise<void>;
  announcePolicy(workflowId: string, hash: string): Promise<'signalled' | 'closed'>;
  linkCustomer(link: CustomerMessage<OnboardingLink>): Promise<void>;
  unlinkCustomer(unlink: CustomerMessage<{ id: string; carried: readonly Escalation[] }>): Promise<void>;
  reviveCustomer(revival: CustomerMessage<{ id: string; at: number }>): Promise<void>;
  denyCustomer(denial: CustomerMessage<{ rule: 'customer_at_risk' | 'customer_churned'; at: number }>): Promise<void>;
  /** Starts the `publish` workflow, or leaves the one under way for the same hash. */
  publishPolicy(hash: string): Promise<void>;
  /** `updateId` makes a repeat of the same HTTP request the same update. Throws `GatewayRefusal` where a validator refuses. */
  act(key: EntityKey, action: EscalationAction, updateId?: string): Promise<ActionAnswer>;
  hold(key: EntityKey, action: OnboardingAction, updateId?: string): Promise<OnboardingView>;
  view(key: EntityKey): Promise<OnboardingView | undefined>;
  state(key: EntityKey): Promise<OnboardingState | undefined>;
  /** Reachable within a second, and the server's own id. */
  health(): Promise<{ reachable: boolean; clusterId?: string; detail?: string }>;
}

/** The server could not be asked, or did not answer in time: the outcome is unknown, trying again is safe. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
}

/** The workflow said no. `code` is a `Refusal` code of the core, or `UnknownOnboarding`. */
export class GatewayRefusal extends Error {
  override readonly name = 'GatewayRefusal';
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
