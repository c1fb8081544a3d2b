import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SILENT } from '../../src/contracts/observer.js';
import type { Fact } from '../../src/domain/event/fact.js';
import { adoptPolicy } from '../../src/domain/onboarding/life.js';
import { needsPolicy } from '../../src/domain/policy/names.js';
import { concludeSend } from '../../src/domain/escalation/conclude.js';
import { reconcile } from '../../src/domain/reconcile.js';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import { HOUR_MS, MINUTE_MS } from '../../src/domain/time/duration.js';
import { openStore, type Store } from '../../src/store/store.js';
import { officeWithout } from '../support/office-policy.js';
import { TestPostgres } from '../support/postgres.js';
import { policyOf, Story } from '../support/story.js';

/**
 * Nobody is chased for what is long past: the real core, and the real gate over a real store, on a clock moved by hand.
 */
const POLICY = policyOf(officeWithout('no_activity').replaceAll('calendar: office', 'calendar: always'));
const WORKFLOW = 'onboarding/main/onb_1';
let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

class GatedStory extends Story {
  store!: Store;
  private stored = 0;

  static async begin(at: string): Promise<GatedStory> {
    const story = new GatedStory(POLICY, Date.parse(at));
    const url = await postgres.database();
    story.store = openStore({ url, observer: SILENT, serverId: 'server', now: () => story.now });
    return story;
  }

  /** Takes in without deciding: `look` decides, and asks the gate. */
  override turn(): this {
    const names = needsPolicy(this.state);
    if (names) this.state = adoptPolicy(this.state, POLICY, names, this.now);
    this.decision = null;
    return this;
  }

  /** The edge listens from now until `instant`, a sign of life a minute, and the onboarding lives meanwhile. */
  async liveUntil(instant: string): Promise<void> {
    for (const end = Date.parse(instant); this.now < end; this.now += MINUTE_MS) {
      await this.store.inbox.heartbeat();
      await this.look();
    }
  }

  /** One event over the wire: stored, signalled, applied. */
  async deliver(fact: Omit<Fact, 'id' | 'source' | 'type' | 'heardAt' | 'previous'>): Promise<void> {
    const whole: Fact = {
      id: `evt_${++this.stored}`,
      source: 'pivotal',
      type: `onboarding.${fact.kind}`,
      heardAt: this.now,
      previous: {},
      ...fact,
    };
    const route = { to: 'onboarding' as const, key: this.state.key, fact: whole };
    const { seq } = await this.store.inbox.accept({
      source: 'pivotal',
      eventId: whole.id,
      deliveryId: `msg_${whole.id}`,
      type: whole.type,
      body: Buffer.from(JSON.stringify(whole)),
      headers: {},
      secret: 'test',
      receivedAt: this.now,
      receivedVirtual: this.now,
      occurredAt: whole.at,
      org: null,
      route,
    });
    await this.store.inbox.settle([seq], 'signalled');
    this.facts(whole);
  }

  async look(): Promise<void> {
    if (
      this.decision?.wake &&
      this.decision.wake.at > this.now &&
      !this.state.escalations.some((one) => one.sends.some((send) => send.status === 'waiting'))
    )
      return;
    const decision = reconcile(this.state, POLICY, this.now);
    this.state = decision.state;
    this.decision = decision;
    for (const effect of decision.effects) {
      if (effect.do !== 'send') continue;
      const { send, escalation } = effect;
      const applies = send.kind === 'notified';
      const answer = await this.store.gate.ask({
        dueAt: send.dueAt,
        sources: this.state.sources,
        workflowId: WORKFLOW,
        severity: escalation.severity,
        clock: REAL_CLOCK,
        settleMs: 2 * MINUTE_MS,
        catchUpMs: 30 * MINUTE_MS,
        applies,
      });
      if (answer.open)
        this.told.push({
          at: this.now,
          kind: send.kind,
          rule: escalation.rule,
          to: send.recipient.id,
          level: send.level,
          channel: send.channel,
          fallback: send.fallback,
          text: answer.note ?? '',
        });
      this.state = concludeSend(
        this.state,
        send.key,
        answer.open ? { outcome: 'sent' } : { outcome: 'later', until: answer.until, reason: answer.reason },
        this.now,
      );
      this.decision = reconcile(this.state, POLICY, this.now);
      this.state = this.decision.state;
    }
  }
}

const at = (text: string) => Date.parse(text);

describe("a weekend's outage", () => {
  it('chases nobody for a phase that had moved on meanwhile, once the sender has caught up', async () => {
    const story = await GatedStory.begin('2026-11-06T08:00:00Z');
    await story.deliver({
      kind: 'created',
      at: at('2026-11-01T09:00:00Z'),
      record: { phase: 'kickoff', owner: 'mia@vendor.example' },
    });
    await story.liveUntil('2026-11-06T08:30:00Z');

    // Down from Friday half past eight to Monday eight; the phase was due to be stuck on Saturday.
    story.now = at('2026-11-09T08:00:00Z');
    await story.liveUntil('2026-11-09T10:00:00Z');
    expect(story.state.escalations).toHaveLength(1);
    expect(story.told).toEqual([]);

    // The sender's retry arrives: it had moved on Saturday.
    await story.deliver({ kind: 'moved', at: at('2026-11-07T10:00:00Z'), record: { phase: 'integration' } });
    await story.liveUntil('2026-11-09T22:00:00Z');

    expect(story.told).toEqual([]);
    expect(story.last('stuck_in_phase').status).toBe('resolved');
    await story.store.close();
  });

  it('does chase, and says from when to when nothing was heard, where it is true after all', async () => {
    const story = await GatedStory.begin('2026-11-06T08:00:00Z');
    await story.deliver({
      kind: 'created',
      at: at('2026-11-01T09:00:00Z'),
      record: { phase: 'kickoff', owner: 'mia@vendor.example' },
    });
    await story.liveUntil('2026-11-06T08:30:00Z');
    story.now = at('2026-11-09T08:00:00Z');

    await story.liveUntil('2026-11-09T21:00:00Z');

    expect(story.chased()).toBe('mia@1');
    expect((story.told[0]?.at ?? 0) - at('2026-11-09T08:00:00Z')).toBeGreaterThanOrEqual(10 * HOUR_MS);
    expect(story.told[0]?.text).toContain('2026-11-06');
    await story.store.close();
  });
});

describe('a replayed backlog', () => {
  it('chases nobody while it pours in, and afterwards only for what is still so', async () => {
    const story = await GatedStory.begin('2026-11-20T08:00:00Z');
    await story.store.inbox.heartbeat();
    await story.deliver({
      kind: 'created',
      at: at('2026-10-01T09:00:00Z'),
      record: { phase: 'kickoff', owner: 'mia@vendor.example' },
    });
    await story.look();
    story.now += MINUTE_MS;
    await story.deliver({ kind: 'at_risk', at: at('2026-10-20T09:00:00Z'), record: {} });
    await story.look();
    story.now += MINUTE_MS;
    expect(story.told).toEqual([]);
    await story.deliver({ kind: 'moved', at: at('2026-11-19T09:00:00Z'), record: { phase: 'integration' } });
    await story.look();

    await story.liveUntil('2026-11-20T10:00:00Z');

    // Stuck in kickoff was true for weeks and is over; the risk still stands.
    expect(story.told.map((one) => [one.rule, one.kind])).toEqual([['at_risk', 'notified']]);
    await story.store.close();
  });
});
