import type { Person } from '../policy/policy.js';
import type { Actor } from './escalation.js';

/** What people ask for. The API resolves names against the policy and passes the persons along. */
export type EscalationAction =
  | {
      readonly verb: 'acknowledge';
      readonly escalationId: string;
      readonly by: Actor;
      readonly forMs?: number;
      readonly all?: boolean;
      readonly note?: string;
    }
  | { readonly verb: 'snooze'; readonly escalationId: string; readonly by: Actor; readonly until: SnoozeUntil }
  | { readonly verb: 'resolve'; readonly escalationId: string; readonly by: Actor; readonly note?: string }
  | { readonly verb: 'reassign'; readonly escalationId: string; readonly by: Actor; readonly to: Person }
  | { readonly verb: 'escalate'; readonly escalationId: string; readonly by: Actor }
  | { readonly verb: 'note'; readonly escalationId: string; readonly by: Actor; readonly note: string };

/** An instant, a span from now in virtual ms, or the next opening of the actor's own calendar on a later day. */
export type SnoozeUntil = { readonly at: number } | { readonly forMs: number } | 'next_working_morning';

export type OnboardingAction =
  | {
      readonly verb: 'hold';
      readonly by: Actor;
      readonly state: 'waiting' | 'blocked' | 'paused';
      readonly until?: number;
      readonly reason: string;
    }
  | { readonly verb: 'release'; readonly by: Actor }
  | { readonly verb: 'close'; readonly by: Actor; readonly reason: string };

export type Action = EscalationAction | OnboardingAction;

/** Why an action is not taken: a stable word for programs, a sentence for people. */
export interface Refusal {
  readonly code: 'UnknownEscalation' | 'EscalationNotOpen' | 'SnoozeOutOfRange' | 'NotHeld' | 'OnboardingClosed';
  readonly message: string;
}
