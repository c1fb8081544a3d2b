import { describe, expect, it } from 'vitest';
import type { EscalationAction } from '../../../src/domain/escalation/action.js';
import type { Escalation } from '../../../src/domain/escalation/escalation.js';
import { presentEscalation } from '../../../src/domain/onboarding/present.js';
import { projected } from '../../../src/domain/onboarding/life.js';
import type { OutgoingMessage } from '../../../src/domain/outgoing/message.js';
import { ownMessages } from '../../../src/domain/outgoing/own-messages.js';
import { OFFICE } from '../../support/office-policy.js';
import { policyOf, Story } from '../../support/story.js';
import { livedThrough, read, type Snapshot, TellingStore, WORKFLOW_ID } from './projections.js';

const POLICY = policyOf(OFFICE);
const LATER = { outcome: 'later', until: Date.parse('2027-06-01T00:00Z'), reason: 'catching up' } as const;

let revision = 0;
/** What the workflow would project now; what was written is dropped from its log, as it does. */
function taken(story: Story): Snapshot {
  const { state, view, now } = story;
  const escalations = state.escalations.map((one) => presentEscalation(state, one));
  return {
    entity: state.key,
    workflowId: WORKFLOW_ID,
    revision: ++revision,
    at: now,
    view,
    escalations,
    log: state.log,
  };
}

function project(store: TellingStore, story: Story): readonly OutgoingMessage[] {
  const messages = store.write(taken(story));
  story.state = projected(story.state, story.state.log.at(-1)?.seq ?? 0);
  return messages;
}

const types = (messages: readonly OutgoingMessage[]): string[] => messages.map(({ type }) => type);
const atRisk = (mode: 'live' | 'test' = 'live'): Story =>
  new Story(POLICY, undefined, undefined, mode)
    .event('created', { phase: 'kickoff', state: 'active', owner: 'mia@vendor.example', org: 'org_3dN' })
    .event('at_risk', {});
const acknowledged = (story: Story, escalation: Escalation, more: { all?: boolean } = {}): EscalationAction => ({
  verb: 'acknowledge',
  escalationId: escalation.id,
  by: story.actor('mia'),
  ...more,
});

describe('what is told of escalations', () => {
  it('is the opening with the first send that left, at the instant of the decision, and then the send', () => {
    const store = new TellingStore();
    const story = atRisk();

    const [health, opened, notified] = project(store, story).map(read);

    expect(health?.type).toBe('onboarding.health_changed');
    expect(opened).toMatchObject({ type: 'escalation.opened', org: 'org_3dN', livemode: true });
    expect(opened?.timestamp).toBe(opened?.data.object.opened_at);
    expect(opened?.data.object).toEqual(presentEscalation(story.state, story.last('at_risk')));
    expect(notified?.type).toBe('escalation.notified');
    expect(notified?.data.object.sends.map(({ at }) => at)).toEqual([notified?.timestamp]);
  });

  it('is nothing while every send is held back, and nothing of one that ends by itself then', () => {
    const store = new TellingStore();
    const story = new Story(POLICY);
    story.answer = () => LATER;
    story.event('created', { phase: 'kickoff', state: 'active', owner: 'mia@vendor.example' }).event('at_risk', {});

    expect(types(project(store, story))).toEqual(['onboarding.health_changed']);
    story.event('back_on_track', {});
    expect(types(project(store, story))).toEqual(['onboarding.health_changed']);
  });

  it('is the opening with an acknowledge that came before any send, and then the end, whatever lies between', () => {
    for (const expired of [true, false]) {
      const store = new TellingStore();
      const story = atRiskHeld();
      const told = project(store, story.do(acknowledged(story, story.last('at_risk'))));
      expect(types(told).slice(-2)).toEqual(['escalation.opened', 'escalation.acknowledged']);
      expect(read(told.at(-1) as OutgoingMessage).data.previous_attributes).toEqual({ status: 'open' });

      if (expired) story.advance('10 working days');
      project(store, story);
      const end = project(store, story.event('back_on_track', {}));
      expect(types(end)).toContain('escalation.resolved');
    }
  });

  it('says by whom a person’s resolve was, and what it was before', () => {
    const store = new TellingStore();
    const story = atRisk();
    const { id } = story.last('at_risk');
    project(store, story.do({ verb: 'snooze', escalationId: id, by: story.actor('mia'), until: { forMs: 3_600_000 } }));

    const told = project(store, story.do({ verb: 'resolve', escalationId: id, by: story.actor('tom'), note: 'done' }));

    expect(types(told)).toEqual(['escalation.resolved']);
    const { data } = read(told[0] as OutgoingMessage);
    expect(data.object.resolved).toMatchObject({ by: 'tom', reason: 'done' });
    expect(data.previous_attributes).toEqual({ status: 'snoozed' });
  });

  it('is an acknowledge for each of those that one acknowledge took, also where it has ended since', () => {
    const store = new TellingStore();
    const story = atRisk().event('record', { target: '2026-10-01' });
    project(store, story);
    const open = story.state.escalations.filter(({ status }) => status === 'open');
    expect(open.length).toBeGreaterThan(1);

    story.do(acknowledged(story, open[0] as Escalation, { all: true }));
    story.event('back_on_track', {});
    const told = project(store, story).map(read);

    const takenBy = told.filter(({ type }) => type === 'escalation.acknowledged').map(({ data }) => data.object.id);
    expect(takenBy.sort()).toEqual(open.map(({ id }) => id).sort());
  });

  it('comes in one order, in whichever the store hands the escalations out', () => {
    const story = atRisk();
    for (const target of ['2026-12-18', '2026-12-17', '2026-12-16', '2026-11-04'])
      story.event('record', { target }).advance('10 minutes');
    const { view, escalations, log } = taken(story);
    const news = story.do(acknowledged(story, story.last('at_risk'), { all: true })).state.log.slice(log.length);

    const told = (known: typeof escalations) =>
      ownMessages({ view, escalations: known }, taken(story), news).map(({ id }) => id);

    expect(told(escalations).length).toBeGreaterThan(2);
    expect(told(escalations.toReversed())).toEqual(told(escalations));
  });

  it('is an acknowledge of the stuck phase that takes one over from the silence before it', () => {
    const slow = 'behind: 10 working days, stuck: 15 working days';
    const story = new Story(policyOf(OFFICE.replace(slow, 'behind: 3 working days, stuck: 6 working days')));
    const store = new TellingStore();
    story.event('created', { phase: 'integration', owner: 'mia@vendor.example' }).advance('5 working days');
    project(store, story.do(acknowledged(story, story.last('no_activity'))));

    const told = project(store, story.advance('1 working day')).map(read);

    expect(story.last('stuck_in_phase').status).toBe('acknowledged');
    expect(
      told.filter(({ type }) => type.startsWith('escalation')).map((one) => [one.type, one.data.object.rule]),
    ).toEqual([
      ['escalation.resolved', 'no_activity'],
      ['escalation.opened', 'stuck_in_phase'],
      ['escalation.acknowledged', 'stuck_in_phase'],
    ]);
  });

  it('is the end too of one that ended while its call was out, where the call arrived all the same', () => {
    const event = { do: 'event', phase: 'kickoff', state: 'active', owner: 'mia@vendor.example', late: 0 } as const;
    const life = livedThrough(POLICY, [
      { ...event, kind: 'at_risk', target: '2026-12-18' },
      { ...event, kind: 'back_on_track', target: '2026-12-18' },
      { do: 'conclude', which: 0, how: 'sent', minutes: 1 },
    ]);

    const store = new TellingStore();
    const told = life.flatMap((snapshot) => store.write(snapshot)).filter(({ type }) => type.startsWith('escalation.'));

    expect(types(told)).toEqual(['escalation.opened', 'escalation.notified', 'escalation.resolved']);
    const [, notified, ended] = told.map(read);
    expect(ended?.timestamp).toBe(ended?.data.object.resolved?.at);
    expect(notified?.data.object.status).toBe('resolved');
  });

  it('is not said again where a task is done once more, with numbers and instants that moved', () => {
    const store = new TellingStore();
    const first = atRisk();
    project(store, first);
    const second = new Story(POLICY, first.now + 1_000);
    second.state = first.state;
    second.decision = first.decision;

    const told = project(store, first.do(acknowledged(first, first.last('at_risk'))));
    expect(types(told)).toEqual(['escalation.acknowledged']);
    second.event('task', {});
    const again = project(store, second.do(acknowledged(second, second.last('at_risk'))));

    expect(again).toEqual([]);
    second.advance('4 working hours');
    expect(types(project(store, second.do(acknowledged(second, second.last('at_risk')))))).toContain(
      'escalation.acknowledged',
    );
  });

  it('goes on where a customer’s escalation is handed to the next onboarding: it opened before', () => {
    const store = new TellingStore();
    const carried = { ...atRisk().last('at_risk'), rule: 'customer_at_risk' as const, id: 'esc_live~main~onb_0~1' };
    const next = new Story(POLICY).event('created', { phase: 'kickoff', owner: 'mia@vendor.example' });
    project(store, next);
    const flags = [{ name: 'at_risk' as const, since: next.now, reason: 'Customer at risk' }];
    const standing = { version: 1, flags, carriers: { at_risk: 'onb_1' }, others: [] };
    next.hear({ ...standing, handedOver: [{ to: 'onb_1', escalation: carried }] });

    const told = project(store, next.do(acknowledged(next, carried)));

    expect(types(told)).toEqual(['escalation.acknowledged']);
  });

  it('goes to the subscribers of test mode where the onboarding is of test mode', () => {
    const told = project(new TellingStore(), atRisk('test'));

    expect(types(told)).toContain('escalation.opened');
    for (const message of told) {
      expect([message.mode, message.of]).toEqual(['test', WORKFLOW_ID]);
      expect(read(message).livemode).toBe(false);
    }
  });
});

describe('what is told of an onboarding', () => {
  it('is its health when it becomes another one, at the instant of the clock that brought it', () => {
    const store = new TellingStore();
    const story = new Story(POLICY).event('created', { phase: 'kickoff', owner: 'mia@vendor.example' });
    expect(project(store, story)).toEqual([]);

    const due = story.view.next_wake_at;
    story.advance('3 working days').advance('2 working hours');
    const [changed] = project(store, story).map(read);

    expect(changed).toMatchObject({ type: 'onboarding.health_changed', timestamp: due });
    expect(changed?.data).toMatchObject({ object: { health: 'behind' }, previous_attributes: { health: 'on_track' } });
  });

  it('is that it is stuck, beside the change of health', () => {
    const store = new TellingStore();
    const story = new Story(POLICY).event('created', { phase: 'kickoff', owner: 'mia@vendor.example' });
    project(store, story);

    const told = types(project(store, story.advance('5 working days')));

    expect(told.slice(0, 2)).toEqual(['onboarding.health_changed', 'onboarding.stuck']);
    expect(types(project(store, story.advance('1 working day')))).not.toContain('onboarding.stuck');
  });

  it('is every move of the target after the first promise, with what it was', () => {
    const store = new TellingStore();
    const story = new Story(POLICY).event('created', { phase: 'kickoff', target: '2026-12-18' });
    expect(project(store, story)).toEqual([]);

    story.advance('1 working hour').event('record', { target: '2026-12-21' });
    story.advance('1 working hour').event('record', { target: '2027-01-11' });
    const told = project(store, story).filter(({ type }) => type === 'onboarding.target_moved');

    expect(told.map(read).map(({ data }) => data.previous_attributes)).toEqual([
      { target: { latest: '2026-12-18' } },
      { target: { latest: '2026-12-21' } },
    ]);
    expect(types(project(store, story))).not.toContain('onboarding.target_moved');
  });
});

/** At risk, and the gate holds every send. */
function atRiskHeld(): Story {
  const story = new Story(POLICY);
  story.answer = () => LATER;
  return story
    .event('created', { phase: 'kickoff', state: 'active', owner: 'mia@vendor.example' })
    .event('at_risk', {});
}
