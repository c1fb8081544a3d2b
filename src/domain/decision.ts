import type { EscalationAction, OnboardingAction, Refusal } from './escalation/action.js';
import type { Escalation, Send } from './escalation/escalation.js';
import type { OnboardingState } from './onboarding/state.js';
import type { RuleName } from './policy/policy.js';

/** What `reconcile` decided: the new state, what the shell must do now, and when to look again. */
export interface Decision {
  readonly state: OnboardingState;
  readonly effects: readonly Effect[];
  readonly wake: Wake | null;
  /** One line a rule, a line a hold in force and one at the end of its life: what holds, what does not, with the sums. */
  readonly why: () => readonly Reason[];
}

/** The one next instant at which anything could change, virtual epoch ms, with the label its timer shows. */
export interface Wake {
  readonly at: number;
  /** What it waits for, e.g. `stuck_in_phase/uat`: a change of cause re-arms the timer, a later instant alone does not. */
  readonly cause: string;
  /** For people: `Stuck in UAT: level 2 due Thu 09:00 Berlin`. */
  readonly label: string;
}

export type Effect =
  /** Call the channel now; its state is already `calling`. Answer with `concludeSend`. */
  | { readonly do: 'send'; readonly escalation: Escalation; readonly send: Send; readonly text: string }
  /** A call of this key is out and no longer wanted: cancel its scope. */
  | { readonly do: 'cancel'; readonly key: string }
  | { readonly do: 'link_customer'; readonly customerId: string; readonly createdAt: number }
  | { readonly do: 'unlink_customer'; readonly customerId: string; readonly carried: readonly Escalation[] }
  | { readonly do: 'revive_customer'; readonly customerId: string; readonly at: number }
  | {
      readonly do: 'deny_customer';
      readonly customerId: string;
      readonly rule: 'customer_at_risk' | 'customer_churned';
      readonly at: number;
    }
  /** Project the view: something a list shows has changed. */
  | { readonly do: 'project' }
  /** The onboarding is over: project its final state and end the workflow. */
  | { readonly do: 'close' };

export interface Reason {
  readonly about: RuleName | 'hold' | 'life';
  readonly fires: boolean;
  readonly text: string;
  /** When it will hold if nothing changes; null where it will not. */
  readonly dueAt: number | null;
}

/** An action's result: the new state, or why not. Validators call `refuse` alone. */
export type ActionOutcome = { readonly state: OnboardingState } | Refusal;
export type AnyAction = EscalationAction | OnboardingAction;
