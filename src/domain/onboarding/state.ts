import type { CustomerStanding } from '../customer/standing.js';
import type { Actor, Escalation } from '../escalation/escalation.js';
import type { Fact } from '../event/fact.js';
import type { EntityKey } from '../event/key.js';
import type { Policy } from '../policy/policy.js';
import type { Calendar } from '../time/calendar.js';
import type { Clock } from '../time/clock.js';
import type { History } from './history.js';
import type { LogEntry } from './log.js';

/**
 * All that one onboarding's workflow knows, plain JSON, absolute instants, under 64 kB: it is the argument of the next
 * run, the final record when the onboarding closes, and the input of every decision.
 */
export interface OnboardingState {
  readonly v: 1;
  /** By which core its run decides (`core.ts`); absent in a state of before they were counted. */
  readonly core?: number;
  readonly key: EntityKey;
  readonly clock: Clock;
  /** The first instant anything was known of it, virtual. */
  readonly startedAt: number;
  /** The policy cut to what this onboarding can need, with the instant of adoption; null until the first fetch. */
  readonly policy: Policy | null;
  readonly policyAdoptedAt: number;
  /** The hash of a policy that was published but not fetched yet. */
  readonly policyAnnounced: string | null;
  /** Names the cut was made for; a fact that names another one needs a new cut. */
  readonly policyNames: readonly string[];
  /** Workspace calendars by adoption, oldest first, kept until the clocks that used them end. */
  readonly calendars: readonly { readonly from: number; readonly calendar: Calendar }[];
  /** Facts that were compacted: everything up to `base.upTo`. */
  readonly base: History | null;
  readonly facts: readonly Fact[];
  /** Hashes of applied event ids with the day they came, for dedupe over continue-as-new. */
  readonly seen: readonly (readonly [hash: string, day: number])[];
  readonly counts: { readonly applied: number; readonly duplicates: number; readonly late: number };
  readonly sources: readonly string[];
  readonly customer: CustomerStanding | null;
  /** Spells in which the customer was churned or archived. */
  readonly customerHolds: readonly { readonly from: number; readonly to: number | null }[];
  /** The customer this onboarding is linked to, as its workflow was told. */
  readonly linkedTo: string | null;
  /** The last revival told to the customer, so that one move is told once. */
  readonly revivedAt: number | null;
  readonly personHolds: readonly PersonHold[];
  readonly closed: { readonly by: Actor | null; readonly at: number; readonly reason: string } | null;
  /** When its workflow came to its end: by a close, or after the grace time. Null again when it is reopened. */
  readonly endedAt: number | null;
  readonly escalations: readonly Escalation[];
  readonly nextEscalation: number;
  /** Dated entries that are not projected yet. */
  readonly log: readonly LogEntry[];
  readonly nextLogSeq: number;
  /** Digest of what a list shows, as last projected. */
  readonly shown: string;
}

/** A hold that a person declared; it acts like the sender's own. */
export interface PersonHold {
  readonly state: 'waiting' | 'blocked' | 'paused';
  readonly by: Actor;
  readonly reason: string;
  readonly from: number;
  readonly until?: number;
  /** When it ended early: by release, a later state change or a phase move. */
  readonly endedAt?: number;
}
