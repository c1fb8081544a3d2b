import { act, refuse } from '../../src/domain/escalation/act.js';
import type { Action } from '../../src/domain/escalation/action.js';
import { concludeSend } from '../../src/domain/escalation/conclude.js';
import type { Actor, Escalation, Send } from '../../src/domain/escalation/escalation.js';
import type { SendResult } from '../../src/domain/escalation/send-result.js';
import type { CustomerStanding } from '../../src/domain/customer/standing.js';
import type { Decision } from '../../src/domain/decision.js';
import type { Fact, FactKind, RecordFields } from '../../src/domain/event/fact.js';
import { adoptPolicy, hearCustomer, receive, startOnboarding } from '../../src/domain/onboarding/life.js';
import { type OnboardingView, presentOnboarding } from '../../src/domain/onboarding/present.js';
import type { OnboardingState } from '../../src/domain/onboarding/state.js';
import { needsPolicy } from '../../src/domain/policy/names.js';
import { findPerson } from '../../src/domain/policy/person.js';
import type { Policy, RuleName } from '../../src/domain/policy/policy.js';
import { reconcile } from '../../src/domain/reconcile.js';
import type { Clock } from '../../src/domain/time/clock.js';
import { parseDuration } from '../../src/domain/time/duration.js';
import { addDuration } from '../../src/domain/time/working-time.js';
import { loadPolicy } from '../../src/policy-file/load.js';

/** Monday; Berlin is at UTC+1. */
export const MONDAY_9AM_BERLIN = Date.parse('2026-11-02T08:00:00Z');

/** What went out, in the order it left. */
export interface Told {
  readonly at: number;
  readonly kind: Send['kind'];
  readonly rule: RuleName;
  readonly to: string;
  readonly level: number;
  readonly channel: string;
  readonly fallback: boolean;
  readonly text: string;
}

/** How a channel answers; the default is that everything arrives. */
export type Answer = (send: Send, at: number) => SendResult;

export function policyOf(yaml: string): Policy {
  const loaded = loadPolicy(yaml, MONDAY_9AM_BERLIN);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
  return loaded.file.policy;
}

/**
 * One onboarding's life, told by a test: events and actions at instants, the clock moved by hand, every decision made
 * by the real core. The story does what the workflow does: reconcile, carry out, wait for the next wake.
 */
export class Story {
  state: OnboardingState;
  decision: Decision | null = null;
  readonly told: Told[] = [];
  readonly effects: string[] = [];
  answer: Answer = () => ({ outcome: 'sent' });
  private seq = 0;

  constructor(
    public policy: Policy,
    public now = MONDAY_9AM_BERLIN,
    readonly clock: Clock = { anchorReal: 0, anchorVirtual: 0, speed: 1 },
    mode: 'live' | 'test' = 'live',
  ) {
    this.state = startOnboarding({ workspace: 'main', mode, id: 'onb_1' }, clock, now);
  }

  /** An event that happens now, or `at`; the record carries the fields given and those of the events before it. */
  event(
    kind: FactKind,
    record: RecordFields = {},
    more: { at?: number; id?: string; previous?: Fact['previous'] } = {},
  ): this {
    const id = more.id ?? `evt_${++this.seq}`;
    const fact: Fact = {
      id,
      source: 'pivotal',
      type: `onboarding.${kind}`,
      kind,
      at: more.at ?? this.now,
      heardAt: this.now,
      record,
      previous: more.previous ?? {},
    };
    return this.facts(fact);
  }

  facts(...facts: Fact[]): this {
    this.state = receive(this.state, facts, this.now);
    return this.turn();
  }

  hear(standing: CustomerStanding): this {
    this.state = hearCustomer(this.state, standing, this.now);
    return this.turn();
  }

  publish(policy: Policy): this {
    this.policy = policy;
    this.state = adoptPolicy(this.state, policy, this.state.policyNames, this.now);
    return this.turn();
  }

  do(action: Action): this {
    const refusal = refuse(this.state, action, this.now);
    if (refusal) throw new Error(`${refusal.code}: ${refusal.message}`);
    this.state = act(this.state, action, this.now);
    return this.turn();
  }

  /** Moves the clock on, stopping at every wake on the way, as the workflow's timer does. */
  advance(duration: string): this {
    const parsed = parseDuration(duration);
    if (!parsed) throw new Error(`no duration: ${duration}`);
    const calendar = this.policy.calendars[this.policy.workspace.calendar];
    if (!calendar) throw new Error('the policy has no workspace calendar');
    return this.until(addDuration(calendar, this.now, parsed));
  }

  until(instant: number | string): this {
    const end = typeof instant === 'number' ? instant : Date.parse(instant);
    for (let n = 0; this.decision?.wake && this.decision.wake.at <= end; n++) {
      if (n > 10_000) throw new Error(`the onboarding wakes for ever: ${JSON.stringify(this.decision.wake)}`);
      this.now = this.decision.wake.at;
      this.turn();
    }
    this.now = Math.max(this.now, end);
    return this;
  }

  /** The worker was down: the clock moves on and nobody decides anything meanwhile. */
  sleepThrough(instant: string): this {
    this.now = Date.parse(instant);
    return this.turn();
  }

  get view(): OnboardingView {
    return presentOnboarding(this.state, this.now, this.decision?.wake ?? null);
  }

  open(rule?: RuleName): Escalation | undefined {
    return this.state.escalations.find((one) => one.status !== 'resolved' && (!rule || one.rule === rule));
  }

  last(rule: RuleName): Escalation {
    const found = this.state.escalations.findLast((one) => one.rule === rule);
    if (!found) throw new Error(`no escalation of ${rule}`);
    return found;
  }

  actor(id: string): Actor {
    const person = findPerson(this.policy, id);
    return { id, name: person?.name ?? id, ...(person ? { person } : {}) };
  }

  /** `mia@1 tom@2`: who was chased, by level. */
  chased(rule?: RuleName): string {
    return this.told
      .filter((one) => one.kind === 'notified' && (!rule || one.rule === rule))
      .map((one) => `${one.to}@${one.level}${one.fallback ? '!' : ''}`)
      .join(' ');
  }

  turn(): this {
    for (let n = 0; n < 100; n++) {
      const names = needsPolicy(this.state);
      if (names) this.state = adoptPolicy(this.state, this.policy, names, this.now);
      const decision = reconcile(this.state, this.state.policy ?? this.policy, this.now);
      this.state = decision.state;
      this.decision = decision;
      let called = false;
      for (const effect of decision.effects) {
        this.effects.push(effect.do);
        if (effect.do !== 'send') continue;
        called = true;
        const { send, escalation } = effect;
        const result = this.answer(send, this.now);
        if (result.outcome === 'sent')
          this.told.push({
            at: this.now,
            kind: send.kind,
            rule: escalation.rule,
            to: send.recipient.id,
            level: send.level,
            channel: send.channel,
            fallback: send.fallback,
            text: effect.text,
          });
        this.state = concludeSend(this.state, send.key, result, this.now);
      }
      if (!called) return this;
    }
    throw new Error('the onboarding never comes to rest');
  }
}
