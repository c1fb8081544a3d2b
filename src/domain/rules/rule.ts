import type { Episode, Escalation } from '../escalation/escalation.js';
import type { Situation, StopClass } from '../onboarding/situation.js';
import type { RuleName } from '../policy/policy.js';
import type { ClockRun } from '../time/clock-run.js';

/** One thing that can be wrong with an onboarding. A new rule is one file in this folder and one line in its list. */
export interface Rule {
  readonly name: RuleName;
  /** Which holds stop its clocks. */
  readonly stops: StopClass;
  /** After a person's resolve it may come back once `still_true_after` has passed. */
  readonly returns: boolean;
  look(s: Situation): Finding;
}

/** What a rule found: a condition, due now or later, or why there is none. */
export type Finding = { readonly condition: Condition } | { readonly none: string; readonly more?: string };

export interface Condition {
  readonly episode: Episode;
  /** When it counts; later than now: not yet; null: frozen before it could. */
  readonly dueAt: number | null;
  /** When it is over by itself, where the clock alone ends it. */
  readonly endsAt?: number;
  /** A short statement of what is wrong: `stuck in uat`. */
  readonly headline: string;
  /** The sentence with the arithmetic, for messages and `why`. */
  readonly reason: string;
  readonly evidence: readonly string[];
  /** The clock that runs towards `dueAt`, where there is one: `why` shows what of it is used. */
  readonly clock?: ClockRun;
  /** Instants of the evidence, where later ones make it news after a person's resolve. */
  readonly evidenceAt?: readonly number[];
}

/** `more` is told by `why` beside it, and is no part of what an escalation that ends so is resolved with. */
export const none = (text: string, more?: string): Finding => ({ none: text, ...(more ? { more } : {}) });

/** The same episode: the same subject, begun no later than the escalation was opened. */
export function sameEpisode(condition: Condition, escalation: Escalation): boolean {
  return condition.episode.subject === escalation.episode.subject && condition.episode.since <= escalation.openedAt;
}
