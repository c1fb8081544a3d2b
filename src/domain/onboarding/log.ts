import type { Action } from '../escalation/action.js';

/**
 * One dated entry of the decision log: everything that a decision read beside the events, so that `why` can fold
 * archive and log and come to the same answer as the workflow did.
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

export type LogEvent =
  | { readonly kind: 'applied'; readonly events: readonly string[] }
  | { readonly kind: 'policy'; readonly hash: string; readonly names: readonly string[] }
  | { readonly kind: 'action'; readonly action: Action }
  | { readonly kind: 'customer'; readonly version: number }
  | { readonly kind: 'opened' | 'climbed' | 'repeated' | 'restarted' | 'expired' | 'woke'; readonly escalation: string; readonly level: number }
  | { readonly kind: 'resolved'; readonly escalation: string; readonly how: string }
  | { readonly kind: 'calling'; readonly send: string }
  | { readonly kind: 'sent' | 'failed' | 'withdrawn'; readonly send: string; readonly detail?: string }
  | { readonly kind: 'later'; readonly send: string; readonly until: number; readonly detail: string }
  | { readonly kind: 'hold' | 'released' | 'closed' | 'reopened'; readonly detail: string };
