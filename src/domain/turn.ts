import type { Effect, Reason, Wake } from './decision.js';
import type { Escalation } from './escalation/escalation.js';
import { prune } from './escalation/prune.js';
import type { LogOutcome } from './onboarding/log.js';
import { record } from './onboarding/record.js';
import type { Situation } from './onboarding/situation.js';
import type { OnboardingState } from './onboarding/state.js';

/**
 * One turn of `reconcile` under way: what was decided so far. It is the one place in the core that is filled in step
 * by step; nothing of it outlives the turn.
 */
export class Turn {
  readonly effects: Effect[] = [];
  private readonly reasons: Said[] = [];
  private readonly wakes: { at: number; cause: string; label: () => string }[] = [];
  private readonly outcomes: { what: LogOutcome; text: string }[] = [];
  escalations: readonly Escalation[];
  nextEscalation: number;

  constructor(readonly s: Situation) {
    this.escalations = s.state.escalations;
    this.nextEscalation = s.state.nextEscalation;
  }

  put(escalation: Escalation): void {
    const known = this.escalations.some((one) => one.id === escalation.id);
    this.escalations = known
      ? this.escalations.map((one) => (one.id === escalation.id ? escalation : one))
      : [...this.escalations, escalation];
  }

  log(kind: LogOutcome['kind'], escalation: Escalation | null, text: string, send?: string): void {
    this.outcomes.push({
      what: { kind, ...(escalation ? { escalation: escalation.id } : {}), ...(send ? { send } : {}) },
      text,
    });
  }

  /** Labels and reasons are sentences that most turns never need, so they are said only when asked for. */
  wakeAt(at: number | null, cause: string, label: () => string): void {
    if (at !== null && at > this.s.now) this.wakes.push({ at, cause, label });
  }

  /** The nearest wake; of two at one instant the first cause by name, so that the label does not flicker. */
  get wake(): Wake | null {
    let best: (typeof this.wakes)[number] | null = null;
    for (const one of this.wakes)
      if (!best || one.at < best.at || (one.at === best.at && one.cause < best.cause)) best = one;
    return best && { at: best.at, cause: best.cause, label: best.label() };
  }

  say(reason: Said): void {
    this.reasons.push(reason);
  }

  get why(): readonly Reason[] {
    return this.reasons.map((reason) => ({ ...reason, text: reason.text() }));
  }

  /**
   * The state with everything decided. Where the clock alone brought it, a dated `woke` entry comes first, because
   * `why` repeats the decisions at the recorded instants.
   */
  finish(): OnboardingState {
    const { state, now } = this.s;
    this.escalations = prune(this.escalations);
    const changed = this.escalations !== state.escalations;
    let next: OnboardingState = changed
      ? { ...state, escalations: this.escalations, nextEscalation: this.nextEscalation }
      : state;
    if (!changed && !this.outcomes.length) return next;
    if (state.log.at(-1)?.at !== now) next = record(next, now, { kind: 'woke' }, 'An instant was reached.');
    for (const { what, text } of this.outcomes) next = record(next, now, what, text);
    // A change without a sentence of its own is dated too: `why` must know that a decision was made here.
    return this.outcomes.length ? next : record(next, now, { kind: 'updated' }, 'Evidence or owner noted.');
  }
}

type Said = Omit<Reason, 'text'> & { readonly text: () => string };
