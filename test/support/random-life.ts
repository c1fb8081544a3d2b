import fc from 'fast-check';
import { act, refuse } from '../../src/domain/escalation/act.js';
import type { Action } from '../../src/domain/escalation/action.js';
import { concludeSend } from '../../src/domain/escalation/conclude.js';
import type { Escalation, Send } from '../../src/domain/escalation/escalation.js';
import type { SendResult } from '../../src/domain/escalation/send-result.js';
import type { Decision, Wake } from '../../src/domain/decision.js';
import type { Fact, FactKind } from '../../src/domain/event/fact.js';
import { adoptPolicy, hearCustomer, receive, startOnboarding } from '../../src/domain/onboarding/life.js';
import type { LogEntry } from '../../src/domain/onboarding/log.js';
import type { OnboardingState } from '../../src/domain/onboarding/state.js';
import { needsPolicy } from '../../src/domain/policy/names.js';
import { findPerson } from '../../src/domain/policy/person.js';
import type { Policy } from '../../src/domain/policy/policy.js';
import { reconcile } from '../../src/domain/reconcile.js';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import { MONDAY_9AM_BERLIN } from './story.js';

/** One thing that happens in a random life; instants are minutes after the one before. */
export type Happening =
  | { do: 'wait'; minutes: number }
  | {
      do: 'event';
      kind: FactKind;
      phase: string;
      state: string;
      owner: string;
      target: string;
      customer?: string | null;
      late: number;
    }
  | { do: 'repeat'; which: number }
  | {
      do: 'act';
      verb: 'acknowledge' | 'snooze' | 'resolve' | 'reassign' | 'escalate' | 'note' | 'hold' | 'release';
      which: number;
      by: string;
      minutes: number;
    }
  | { do: 'conclude'; which: number; how: 'sent' | 'failed' | 'later'; minutes: number }
  | { do: 'customer'; churned: boolean };

const kinds: FactKind[] = [
  'created',
  'moved',
  'state',
  'at_risk',
  'back_on_track',
  'task',
  'record',
  'launched',
  'completed',
];
const minutes = fc.oneof(fc.integer({ min: 0, max: 120 }), fc.integer({ min: 0, max: 6 * 24 * 60 }));
const people = fc.constantFrom('mia', 'tom', 'ana', 'someone');

export const happenings = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), minutes }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('event' as const),
        kind: fc.constantFrom(...kinds),
        phase: fc.constantFrom('kickoff', 'integration', 'uat', 'launch'),
        state: fc.constantFrom('active', 'active', 'active', 'paused', 'waiting', 'blocked'),
        owner: fc.constantFrom('mia@vendor.example', 'ana@vendor.example', 'nobody'),
        target: fc.constantFrom('2026-11-20', '2026-11-27', '2026-12-18'),
        customer: fc.constantFrom('cus_1', 'cus_1', 'cus_1', 'cus_2', null),
        late: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, minutes),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('repeat' as const), which: fc.nat(40) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('act' as const),
        verb: fc.constantFrom('acknowledge', 'snooze', 'resolve', 'reassign', 'escalate', 'note', 'hold', 'release'),
        which: fc.nat(5),
        by: people,
        minutes: fc.integer({ min: 1, max: 8 * 24 * 60 }),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('conclude' as const),
        which: fc.nat(5),
        how: fc.constantFrom('sent', 'sent', 'sent', 'failed', 'later'),
        minutes: fc.integer({ min: 1, max: 300 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('customer' as const), churned: fc.boolean() }) },
  ),
  { minLength: 5, maxLength: 45 },
) as fc.Arbitrary<Happening[]>;

export interface Sent {
  readonly at: number;
  readonly send: Send;
  readonly escalation: Escalation;
  readonly state: OnboardingState;
}

/** Lives through happenings as a workflow would: every wake on the way is taken, calls conclude when a happening says so. */
export class RandomLife {
  state: OnboardingState;
  wake: Wake | null = null;
  now = MONDAY_9AM_BERLIN;
  readonly sent: Sent[] = [];
  readonly log: LogEntry[] = [];
  readonly facts: Fact[] = [];
  readonly out = new Set<string>();
  private version = 0;

  constructor(
    readonly policy: Policy,
    /** Called after every decision. */
    readonly looked: (life: RandomLife, decision: Decision) => void = () => {},
    /** What a run hands to the next, e.g. through JSON. */
    readonly carry: (state: OnboardingState) => OnboardingState = (state) => state,
  ) {
    this.state = startOnboarding({ workspace: 'main', mode: 'live', id: 'onb_1' }, REAL_CLOCK, this.now);
  }

  live(list: readonly Happening[]): this {
    for (const happening of list) this.step(happening);
    return this;
  }

  step(happening: Happening): void {
    switch (happening.do) {
      case 'wait':
        this.pass(this.now + happening.minutes * 60_000);
        break;
      case 'event':
        this.hear(this.fact(happening));
        break;
      case 'repeat': {
        const again = this.facts[happening.which % Math.max(1, this.facts.length)];
        if (again) this.hear(again);
        break;
      }
      case 'act':
        this.act(happening);
        break;
      case 'conclude':
        this.conclude([...this.out][happening.which % Math.max(1, this.out.size)], happening);
        break;
      case 'customer': {
        const flags = happening.churned
          ? [{ name: 'churned' as const, since: this.now, reason: 'Customer churned' }]
          : [];
        this.state = hearCustomer(
          this.state,
          { version: ++this.version, flags, carriers: { churned: 'onb_1' }, others: [], handedOver: [] },
          this.now,
        );
        this.decide();
      }
    }
  }

  pass(end: number): void {
    for (let n = 0; this.wake && this.wake.at <= end; n++) {
      if (n > 2_000) throw new Error(`wakes for ever: ${JSON.stringify(this.wake)}`);
      this.now = this.wake.at;
      this.decide();
    }
    this.now = end;
  }

  private fact(event: Extract<Happening, { do: 'event' }>): Fact {
    const { phase, state, owner, target, customer: customerId } = event;
    const record = { phase, state, owner, target, ...(customerId === undefined ? {} : { customerId }) };
    const at = this.now - event.late * 60_000;
    return {
      id: `evt_${this.facts.length}`,
      source: 'pivotal',
      type: event.kind,
      kind: event.kind,
      at,
      heardAt: this.now,
      record: event.kind === 'task' ? {} : record,
      previous: {},
    };
  }

  private hear(fact: Fact): void {
    this.facts.push(fact);
    this.state = receive(this.state, [fact], this.now);
    this.decide();
  }

  private act(happening: Extract<Happening, { do: 'act' }>): void {
    const action = this.action(happening);
    if (!action || refuse(this.state, action, this.now)) return;
    this.state = act(this.state, action, this.now);
    this.decide();
  }

  private action({ verb, which, by, minutes: span }: Extract<Happening, { do: 'act' }>): Action | null {
    const person = findPerson(this.policy, by);
    const actor = { id: by, name: by, ...(person ? { person } : {}) };
    if (verb === 'hold')
      return { verb, by: actor, state: 'waiting', until: this.now + span * 60_000, reason: 'said so' };
    if (verb === 'release') return { verb, by: actor };
    const escalation = this.state.escalations[which % Math.max(1, this.state.escalations.length)];
    if (!escalation) return null;
    const escalationId = escalation.id;
    if (verb === 'reassign') return person ? { verb, escalationId, by: actor, to: person } : null;
    if (verb === 'snooze') return { verb, escalationId, by: actor, until: { forMs: span * 60_000 } };
    if (verb === 'acknowledge') return { verb, escalationId, by: actor, forMs: span * 60_000 };
    return verb === 'note' ? { verb, escalationId, by: actor, note: 'noted' } : { verb, escalationId, by: actor };
  }

  private conclude(key: string | undefined, { how, minutes: span }: Extract<Happening, { do: 'conclude' }>): void {
    if (!key) return;
    this.out.delete(key);
    const result: SendResult =
      how === 'sent'
        ? { outcome: 'sent' }
        : how === 'later'
          ? { outcome: 'later', until: this.now + span * 60_000, reason: 'catching up' }
          : { outcome: 'failed', failure: 'UpstreamUnavailable', message: '503' };
    this.state = concludeSend(this.state, key, result, this.now);
    this.decide();
  }

  private decide(): void {
    this.state = this.carry(this.state);
    const names = needsPolicy(this.state);
    if (names) this.state = adoptPolicy(this.state, this.policy, names, this.now);
    const decision = reconcile(this.state, this.policy, this.now);
    this.state = decision.state;
    this.wake = decision.wake;
    const fresh = this.state.log.filter((entry) => entry.seq > (this.log.at(-1)?.seq ?? 0));
    this.log.push(...fresh);
    this.state = { ...this.state, log: this.state.log.slice(-1) };
    for (const effect of decision.effects) {
      if (effect.do !== 'send') continue;
      this.out.add(effect.send.key);
      this.sent.push({ at: this.now, send: effect.send, escalation: effect.escalation, state: this.state });
    }
    this.looked(this, decision);
  }
}
