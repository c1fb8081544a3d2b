import type { CustomerStanding } from '../customer/standing.js';
import type { Action } from '../escalation/action.js';
import type { SendResult } from '../escalation/send-result.js';

/**
 * One dated entry of the decision log: everything that a decision read beside the events themselves, and what was
 * decided, in words. `why` folds archive and log and comes to the same answer as the workflow did.
 */
export interface LogEntry {
  /** Rises by one within an onboarding, over all its runs. */
  readonly seq: number;
  /** Virtual epoch ms. */
  readonly at: number;
  readonly what: LogEvent;
  /** One sentence for people. */
  readonly text: string;
}

export type LogEvent = LogInput | LogOutcome;

/** What was read: replaying these in order rebuilds the state. */
export type LogInput =
  | { readonly kind: 'applied'; readonly events: readonly string[] }
  | { readonly kind: 'policy'; readonly hash: string; readonly names: readonly string[] }
  | { readonly kind: 'action'; readonly action: Action }
  | { readonly kind: 'customer'; readonly standing: CustomerStanding }
  | { readonly kind: 'concluded'; readonly send: string; readonly result: SendResult }
  | { readonly kind: 'reopened'; readonly events: readonly string[] }
  /** A fresh run began with a state made from archive and log; what is beside it was carried over from the run before. */
  | { readonly kind: 'rebuilt'; readonly nextEscalation: number; readonly duplicates: number }
  /** The clock alone brought a decision: nothing else came at this instant. */
  | { readonly kind: 'woke' };

/** What was decided: for people to read, and never an input. */
export type LogOutcome = {
  readonly kind:
    | 'opened'
    | 'climbed'
    | 'repeated'
    | 'restarted'
    | 'expired'
    | 'resolved'
    | 'sending'
    | 'withdrawn'
    | 'updated'
    | 'ended';
  readonly escalation?: string;
  readonly send?: string;
};
