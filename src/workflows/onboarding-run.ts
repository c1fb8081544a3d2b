import { currentUpdateInfo, log, patched, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import { ApplicationFailure } from '@temporalio/common';
import { workflowId } from '../contracts/ids.js';
import { type ActionAnswer, LOOKED, type Look, type OnboardingInput } from '../contracts/messages.js';
import { CORE, decidesAs } from '../domain/core.js';
import type { Effect, Wake } from '../domain/decision.js';
import { act, refuse } from '../domain/escalation/act.js';
import type { Action, EscalationAction, OnboardingAction } from '../domain/escalation/action.js';
import { concludeSend } from '../domain/escalation/conclude.js';
import {
  adoptPolicy,
  announcePolicy,
  hearCustomer,
  projected,
  receive,
  startOnboarding,
} from '../domain/onboarding/life.js';
import type { LogEntry } from '../domain/onboarding/log.js';
import { type OnboardingView, presentEscalation, presentOnboarding } from '../domain/onboarding/present.js';
import type { OnboardingState } from '../domain/onboarding/state.js';
import { needsPolicy } from '../domain/policy/names.js';
import { reconcile } from '../domain/reconcile.js';
import { toReal, toVirtual } from '../domain/time/clock.js';
import { publishColumns, publishTitle } from './attributes.js';
import { Calls } from './calls.js';
import { CustomerLine } from './customer-line.js';
import { currentDetails } from './details.js';
import { measureApplyLag } from './measures.js';
import { notifyOrder, sendSummary } from './order.js';
import { readPolicy } from './policy-reader.js';
import { Projector, type Snapshot } from './projector.js';
import { isFact, isStanding } from './readable.js';
import { LazyTimer } from './timer.js';

/** History events after which a run continues as new: a cold replay of so many costs 0.3 s. */
const MAX_HISTORY = 1_000;
/** Ids of answered updates carried to the next run; the server itself knows those of this one. */
const MAX_ANSWERED = 50;
/** Real. Within this a timer is set also while a call is out. */
const SOON_MS = 1_000;
const RECENT_LINES = 10;
/** Log entries that wait for the next write of the view; more are written for their own sake, so that the state stays small. */
const MAX_UNWRITTEN = 50;
/** A run that began before it does not write that nothing is to come any more. */
const SHOWS_REST = '2026-11-onboarding-shows-rest';

/** The newest is asked for first: only a run that began before it asks on, down to the one it began under. */
function coreOfThisRun(): number {
  for (let core = CORE; core > 1; core--) if (patched(`core-${core}`)) return core;
  return 1;
}

/** One run of an onboarding: what it knows, and what is under way for it. It decides nothing: the core does. */
export class OnboardingRun {
  #state: OnboardingState;
  #wake: Wake | null = null;
  #due = true;
  #decided = false;
  #over = false;
  #answered: readonly string[];
  #recent: readonly LogEntry[] = [];
  /** Messages of this run that could not be applied. */
  #unread = 0;
  /** The view in the store may name an instant at which this goes on. */
  #namesWake: boolean;
  readonly #timer: LazyTimer;
  readonly #customer = new CustomerLine();
  readonly #calls = new Calls((key, result) => this.#change((state, now) => concludeSend(state, key, result, now)));
  readonly #projector = new Projector(
    () => this.#projection(),
    (written) => this.#written(written),
  );

  constructor(private readonly input: OnboardingInput) {
    const state = input.state ?? startOnboarding(input.key, input.clock, toVirtual(input.clock, Date.now()));
    this.#state = { ...state, core: coreOfThisRun() };
    this.#answered = input.answered ?? [];
    this.#namesWake = input.state !== undefined;
    this.#timer = new LazyTimer(input.clock, () => {
      this.#due = true;
    });
    // What the run before could not write is written now.
    if (this.#state.log.length > 0) this.#projector.want();
  }

  get state(): OnboardingState {
    return this.#state;
  }

  get view(): OnboardingView {
    return this.#present(this.#state, this.#wake);
  }

  /** Something came in, or came due, that nothing was decided on yet. */
  get isDue(): boolean {
    return this.#due;
  }

  get isOver(): boolean {
    return this.#over;
  }

  get isIdle(): boolean {
    return this.#calls.isIdle && this.#customer.isIdle && this.#projector.isIdle;
  }

  /**
   * Time to continue as new: the history is long, or it began under a former core, by which it decides to its end. Never
   * before a first turn, so that a flood of messages cannot put off every decision.
   */
  get isFull(): boolean {
    if (!this.#decided) return false;
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    if (continueAsNewSuggested || historyLength > (this.input.maxHistory ?? MAX_HISTORY)) return true;
    return !decidesAs(this.#state, CORE) && patched(`leaves-core-${this.#state.core}`);
  }

  hearFacts(said: unknown): void {
    const items: readonly unknown[] = Array.isArray(said) ? said : [said];
    const facts = items.filter(isFact);
    if (facts.length < items.length) this.#leaveOut(items.length - facts.length, 'no event');
    if (facts.length === 0) return;
    const before = this.#state;
    this.#hear((state, now) => receive(state, facts, now));
    measureApplyLag(facts, this.input.clock, before, this.#state);
  }

  hearStanding(said: unknown): void {
    if (isStanding(said)) this.#hear((state, now) => hearCustomer(state, said, now));
    else this.#leaveOut(1, 'no standing');
  }

  /** Only marks the state. The publish is what spreads the load: it tells so many onboardings a second and no more. */
  hearPolicy(said: unknown): void {
    const hash = (said as { hash?: unknown } | null)?.hash;
    if (typeof hash === 'string') this.#hear((state) => announcePolicy(state, hash));
    else this.#leaveOut(1, 'no policy hash');
  }

  hearUnknown(signal: string): void {
    this.#leaveOut(1, `unknown signal ${signal}`);
  }

  /** For the validator of `look`: throws what was asked for, decided up to this very message. */
  look(what: Look): never {
    const { policy } = this.#state;
    const ahead = this.#due && policy !== null && needsPolicy(this.#state) === null;
    const decision = ahead ? reconcile(this.#state, policy, this.#now()) : { state: this.#state, wake: this.#wake };
    const seen = what === 'state' ? decision.state : this.#present(decision.state, decision.wake);
    throw ApplicationFailure.create({ type: LOOKED, nonRetryable: true, category: 'BENIGN', details: [seen] });
  }

  /** For validators: throws what the caller is told, and changes nothing. */
  check(action: Action): void {
    if (this.#isAnswered()) return;
    const refusal = refuse(this.#state, action, this.#now());
    if (refusal) throw ApplicationFailure.nonRetryable(refusal.message, refusal.code);
    // Tried out here, where a throw refuses it: in the handler the same throw would stop the onboarding.
    act(this.#state, action, this.#now());
  }

  actOnEscalation(action: EscalationAction): ActionAnswer {
    this.#act(action);
    const all = this.#state.escalations;
    const answer = all.find((one) => one.id === action.escalationId);
    if (!answer) throw ApplicationFailure.nonRetryable('No such escalation.', 'UnknownEscalation');
    const others = all.filter((one) => one !== answer && one.status !== 'resolved');
    return {
      escalation: presentEscalation(this.#state, answer),
      others: others.map((one) => presentEscalation(this.#state, one)),
    };
  }

  actOnOnboarding(action: OnboardingAction): OnboardingView {
    this.#act(action);
    return this.view;
  }

  /** One turn and what follows from it: a cut of the policy first, where the one at hand will not do. */
  async decide(): Promise<void> {
    await this.#renewPolicy();
    this.#turn();
    this.#publish();
    this.#decided = true;
  }

  async #renewPolicy(): Promise<void> {
    for (let names = needsPolicy(this.#state); names; names = needsPolicy(this.#state)) {
      const { key, policy, policyAnnounced } = this.#state;
      const answer = await readPolicy({ known: policy?.hash ?? null, key, names });
      const meanwhile = this.#state.policyAnnounced;
      const cut = answer === 'unchanged' ? policy : answer;
      if (!cut) throw new Error('The store called a policy unchanged that was never read.');
      this.#state = adoptPolicy(this.#state, cut, names, this.#now());
      if (meanwhile !== null && meanwhile !== policyAnnounced) this.#state = announcePolicy(this.#state, meanwhile);
    }
  }

  /** Decides once on all that is known now. Synchronous: what it stops is stopped in the task that asked for it. */
  #turn(): void {
    const { policy } = this.#state;
    this.#due = false;
    if (!policy) return;
    const decision = reconcile(this.#state, policy, this.#now());
    this.#state = decision.state;
    this.#wake = decision.wake;
    this.#over = decision.effects.some((effect) => effect.do === 'close');
    for (const effect of decision.effects) this.#carryOut(effect);
    // While a call is out the next step of its ladder is not known: a timer that is not about to fire would be set only
    // to be set anew when the call ends, after 15 s at the most.
    if (this.#calls.isIdle || this.#isSoon(decision.wake)) this.#timer.set(decision.wake);
  }

  #isSoon(wake: Wake | null): boolean {
    return wake === null || toReal(this.input.clock, wake.at) - Date.now() <= SOON_MS;
  }

  /** Shows the outcome of a turn: list columns, title, details, read model. */
  #publish(): void {
    const view = this.view;
    publishColumns(view, this.#wake);
    publishTitle(view);
    this.#noteRecent();
    setCurrentDetails(currentDetails(view, this.#wake, this.#recent, this.#unread));
    if (this.#state.log.length >= MAX_UNWRITTEN || this.#hasComeToRest()) this.#projector.want();
    this.#projector.flush();
  }

  /**
   * The last thing that was to come was called off, which changes nothing that a list shows: without a word of it the view
   * would name an instant that went by, for as long as nobody acts.
   */
  #hasComeToRest(): boolean {
    if (this.#wake !== null || !this.#namesWake || this.#over || !this.#calls.isIdle) return false;
    return !this.#projector.isWanted && patched(SHOWS_REST);
  }

  /** Writes the final state. False where something came in meanwhile: then it is looked at before the end. */
  async finish(): Promise<boolean> {
    const { log: entries } = this.#state;
    const through = entries.at(-1)?.seq ?? 0;
    const final = projected(this.#state, through);
    await this.#projector.finish({ ...this.#projection(), final });
    if (this.#due) return false;
    this.#state = final;
    return true;
  }

  /** The input of the next run: all of the state, absolute instants, nothing that only this run's memory held. */
  next(): OnboardingInput {
    return { ...this.input, state: this.#state, answered: this.#answered };
  }

  #present(state: OnboardingState, wake: Wake | null): OnboardingView {
    return { ...presentOnboarding(state, this.#now(), wake), workflow_id: workflowId('onboarding', state.key) };
  }

  #now(): number {
    return toVirtual(this.input.clock, Date.now());
  }

  #change(step: (state: OnboardingState, now: number) => OnboardingState): void {
    this.#state = step(this.#state, this.#now());
    this.#due = true;
  }

  /** Signals never throw: one that cannot be applied is counted and stays in the history. */
  #hear(step: (state: OnboardingState, now: number) => OnboardingState): void {
    try {
      this.#change(step);
    } catch (error) {
      this.#leaveOut(1, String(error));
    }
  }

  #leaveOut(count: number, reason: string): void {
    this.#unread += count;
    log.warn('A message could not be read and was left out', { count, reason });
  }

  #act(action: Action): void {
    if (this.#isAnswered()) return;
    const id = currentUpdateInfo()?.id;
    if (id) this.#answered = [...this.#answered, id].slice(-MAX_ANSWERED);
    this.#change((state, now) => act(state, action, now));
    if (needsPolicy(this.#state)) this.#stopUnwanted();
    else {
      this.#turn();
      // The columns and the read model follow at the end of the task, once.
      this.#due = true;
    }
  }

  /**
   * A decision needs a policy that is not there yet, but stop means stop: what the policy at hand would stop is stopped
   * now. Nothing else of that decision is kept.
   */
  #stopUnwanted(): void {
    const { policy } = this.#state;
    if (!policy) return;
    for (const effect of reconcile(this.#state, policy, this.#now()).effects) {
      if (effect.do === 'cancel') this.#calls.stop(effect.key);
    }
  }

  #isAnswered(): boolean {
    const id = currentUpdateInfo()?.id;
    return id !== undefined && this.#answered.includes(id);
  }

  #carryOut(effect: Effect): void {
    switch (effect.do) {
      case 'send':
        return this.#calls.start(notifyOrder(this.#state, effect, this.view), sendSummary(effect));
      case 'cancel':
        return this.#calls.stop(effect.key);
      case 'project':
        return this.#projector.want();
      case 'link_customer':
      case 'unlink_customer':
      case 'revive_customer':
      case 'deny_customer':
        return this.#customer.tell(effect, this.#state);
      case 'close':
        // The loop does this, because it can wait.
        return undefined;
    }
  }

  #projection(): Snapshot {
    const { key, escalations, log: entries } = this.#state;
    this.#namesWake = this.#wake !== null;
    return {
      entity: key,
      workflowId: workflowId('onboarding', key),
      view: this.view,
      escalations: escalations.map((one) => presentEscalation(this.#state, one)),
      log: entries,
    };
  }

  #written(projection: Snapshot): void {
    const through = projection.log.at(-1)?.seq;
    if (through === undefined) return;
    this.#noteRecent();
    this.#state = projected(this.#state, through);
  }

  /** Keeps the last lines of the log for the details: the state drops what the store has. */
  #noteRecent(): void {
    const after = this.#recent.at(-1)?.seq ?? 0;
    this.#recent = [
      ...this.#recent,
      ...this.#state.log.filter((entry) => entry.seq > after && entry.what.kind !== 'woke'),
    ].slice(-RECENT_LINES);
  }
}
