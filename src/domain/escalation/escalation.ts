import type { Person, RuleName, Severity } from '../policy/policy.js';

/** Notes kept with an escalation, so that a state stays under 64 kB; every note is in the decision log for good. */
export const MOST_NOTES = 20;

/** One episode of a condition that somebody has to act on, and everything that was done about it. Plain JSON. */
export interface Escalation {
  readonly id: string;
  readonly rule: RuleName;
  readonly severity: Severity;
  readonly episode: Episode;
  /** The instant of the decision. */
  readonly openedAt: number;
  /** When the condition was due, not before it was heard of: earlier than the decision where nobody was there to decide. */
  readonly dueAt: number;
  readonly reason: string;
  readonly evidence: readonly string[];
  readonly status: EscalationStatus;
  readonly ladder: string;
  /** 1 = first level; 0 until the first level is due. */
  readonly level: number;
  /** When the current level fell due; of level 0, when the ladder (re)started and level 1 counts from. */
  readonly levelAt: number;
  /** When the current level (or its repeat) should have been reached; the gate asks whether a source was silent then. */
  readonly levelDueAt: number;
  /** The round in which the current level was entered. */
  readonly levelRound: number;
  /** How often the current level was repeated. */
  readonly repeats: number;
  /** Rises with every repeat, restart, reassign, expired acknowledge and ended snooze; part of each send's key. */
  readonly round: number;
  /**
   * The first round whose chases may still leave: that of the last restart, expired acknowledge or ended snooze. Absent
   * until core 3 has handed out a send; then chases of the present round alone are wanted.
   */
  readonly sinceRound?: number;
  /** When the current level reached somebody, carried over from an absorbed escalation. */
  readonly carriedReachedAt?: number;
  /** Owner by `reassign`, who holds until the resolve whatever the record says. */
  readonly assigned?: Person;
  /** The record's owner the ladder was last started for, so that a new one restarts it. */
  readonly startedFor: string | null;
  /** A new owner came while acknowledged or snoozed: restart when that ends. */
  readonly restartDue?: boolean;
  /** A person asked for the next level now. */
  readonly escalateNow?: boolean;
  readonly acknowledged?: { readonly by: Actor; readonly at: number; readonly expiresAt: number };
  readonly snoozed?: { readonly by: Actor; readonly at: number; readonly until: number };
  readonly resolved?: {
    readonly by: Actor | null;
    readonly at: number;
    readonly reason: string;
    readonly how: ResolvedHow;
  };
  /** The escalation that absorbed it: whoever was told of this one hears of its end with that one's. From core 3 on. */
  readonly absorbedBy?: string;
  /** What a person did last about who is told and when; kept from core 3 on. */
  readonly lastAct?: LastAct;
  /** The customer's workflow was told that a person denied the flag. */
  readonly denialTold?: boolean;
  readonly notes: readonly { readonly by: Actor; readonly at: number; readonly text: string }[];
  readonly sends: readonly Send[];
}

export type EscalationStatus = 'open' | 'acknowledged' | 'snoozed' | 'resolved';
export type ResolvedHow = 'person' | 'condition_ended' | 'absorbed' | 'closed' | 'handed_over';

/** What makes two conditions the same one. */
export interface Episode {
  /** The phase, hold state or target value it is about; empty where the rule has but one subject. */
  readonly subject: string;
  /** When the episode began: an escalation opened before it belongs to an earlier episode. */
  readonly since: number;
  /** Grows with evidence, so that a person's resolve does not silence news. */
  readonly weight: number;
}

export interface LastAct {
  readonly verb: 'acknowledge' | 'snooze' | 'reassign' | 'escalate';
  readonly by: Actor;
  readonly at: number;
}

/** Somebody who acts: a person of the policy, or a name that is none. */
export interface Actor {
  readonly id: string;
  readonly name: string;
  /** The policy's person, resolved by the API because a validator cannot wait. */
  readonly person?: Person;
}

/** One message to one recipient through one channel. */
export interface Send {
  /**
   * The idempotency key: escalation, kind, level, round, channel, recipient. An update that is not the first of its kind
   * in its round has the instant of the change with the round.
   */
  readonly key: string;
  readonly kind: SendKind;
  readonly level: number;
  readonly round: number;
  readonly channel: string;
  readonly recipient: Recipient;
  readonly fallback: boolean;
  /** The instant it fell due; the gate asks whether a source was silent then. */
  readonly dueAt: number;
  /** Earliest instant of the next try. */
  readonly notBefore: number;
  readonly status: SendStatus;
  /** Tries that were answered or timed out; a gate's `later` is none. */
  readonly tries: number;
  readonly firstTryAt?: number;
  /** When it reached its recipient. */
  readonly sentAt?: number;
  /** When it counted as failed for good. */
  readonly failedAt?: number;
  readonly error?: string;
  readonly providerId?: string;
}

export type SendKind = 'notified' | 'acknowledged' | 'snoozed' | 'resolved';
/** `withdrawn`: stopped before it left. `failed`: for good. */
export type SendStatus = 'waiting' | 'calling' | 'sent' | 'failed' | 'withdrawn';

export interface Recipient {
  readonly id: string;
  readonly name: string;
  /** Where e-mail goes; absent for a channel that has an address of its own. */
  readonly email?: string;
  /** Whom this person stands in for. */
  readonly insteadOf?: string;
}
