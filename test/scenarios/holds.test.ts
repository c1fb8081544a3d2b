import { describe, expect, it } from 'vitest';
import type { CustomerStanding } from '../../src/domain/customer/standing.js';
import { officeWithout } from '../support/office-policy.js';
import { policyOf, Story } from '../support/story.js';

const QUIET = policyOf(officeWithout('no_activity'));
const start = () =>
  new Story(QUIET).event('created', {
    phase: 'kickoff',
    state: 'active',
    owner: 'mia@vendor.example',
    customerId: 'cus_1',
  });

const lost = (version: number, from: number | null): CustomerStanding => ({
  version,
  flags: from === null ? [] : [{ name: 'churned', since: from, reason: 'Customer churned' }],
  carriers: from === null ? {} : { churned: 'onb_1' },
  others: [],
  handedOver: [],
});

describe('a hold', () => {
  it('stops the stall clock, and what remained runs on after the resume', () => {
    const story = start()
      .advance('3 working days')
      .event('state', { state: 'waiting' }, { previous: { state: 'active' } });
    story.advance('20 working days');
    expect(story.chased('stuck_in_phase')).toBe('');
    expect(story.view).toMatchObject({ health: 'waiting', hold: 'waiting', state: 'held' });

    story.event('state', { state: 'active' }, { previous: { state: 'waiting' } }).advance('1 working days');
    expect(story.chased('stuck_in_phase')).toBe('');
    story.advance('1 working days').advance('1 working hours');

    expect(story.chased('stuck_in_phase')).toBe('mia@1');
  });

  it('is counted as the worked example of the docs has it', () => {
    const story = new Story(QUIET, Date.parse('2026-10-30T17:00:00Z')).event('created', {
      phase: 'kickoff',
      state: 'active',
      owner: 'mia@vendor.example',
    });
    expect(story.decision?.why().find((reason) => reason.about === 'stuck_in_phase')?.dueAt).toBe(
      Date.parse('2026-11-09T08:00:00Z'),
    );

    story.until('2026-11-04T12:00:00Z').event('state', { state: 'waiting' });
    story.until('2026-11-10T10:00:00Z').event('state', { state: 'active' }).advance('20 working days');

    const at = story.told
      .filter((one) => one.rule === 'stuck_in_phase' && one.kind === 'notified')
      .map((one) => new Date(one.at).toISOString());
    expect(at.slice(0, 2)).toEqual(['2026-11-12T14:00:00.000Z', '2026-11-19T14:00:00.000Z']);
  });

  it('freezes an open ladder, and the next message comes at least a working hour after the resume', () => {
    const story = start().advance('5 working days').advance('4 working days');
    story.event('state', { state: 'blocked' }).advance('30 days');
    expect(story.chased('stuck_in_phase')).toBe('mia@1');

    const resume = story.now;
    story.event('state', { state: 'active' }).advance('2 working days');

    expect(story.chased('stuck_in_phase')).toBe('mia@1 mia@2 tom@2');
    expect((story.told.at(-1)?.at ?? 0) - resume).toBeGreaterThanOrEqual(3_600_000);
  });

  it('does not stop a risk that waits on somebody, unless it is a pause', () => {
    const waiting = start()
      .event('state', { state: 'waiting' })
      .advance('1 hours')
      .event('at_risk')
      .advance('1 working days');
    expect(waiting.chased('at_risk')).toBe('mia@1 tom@2');

    const paused = start()
      .event('state', { state: 'paused' })
      .advance('1 hours')
      .event('at_risk')
      .advance('1 working days');
    expect(paused.chased('at_risk')).toBe('');
  });

  it('is itself too long after a while, and says so', () => {
    const story = start().event('state', { state: 'blocked' }).advance('10 working days');

    expect(story.chased('waiting_too_long')).toBe('mia@1');
  });

  it('keeps an acknowledge that ends meanwhile waiting for the resume', () => {
    const story = start().advance('5 working days');
    story.do({ verb: 'acknowledge', escalationId: story.open()?.id ?? '', by: story.actor('mia') });
    story.event('state', { state: 'paused' }).advance('9 working days');
    expect(story.open('stuck_in_phase')?.status).toBe('acknowledged');

    story.event('state', { state: 'active' }).advance('1 working days');

    expect(story.chased('stuck_in_phase')).toBe('mia@1 mia@1');
  });

  it('can be declared by a person, and ends at its end, by release, or when the record moves on', () => {
    const held = () =>
      start().do({ verb: 'hold', by: { id: 'mia', name: 'Mia Park' }, state: 'waiting', reason: 'legal review' });
    expect(held().advance('9 working days').chased('stuck_in_phase')).toBe('');

    const released = held()
      .advance('9 working days')
      .do({ verb: 'release', by: { id: 'mia', name: 'Mia Park' } });
    expect(released.view.hold).toBeNull();
    expect(released.advance('6 working days').chased('stuck_in_phase')).toBe('mia@1');

    const moved = held().advance('2 working days').event('moved', { phase: 'integration' });
    expect(moved.view.hold).toBeNull();

    const until = start();
    until.do({
      verb: 'hold',
      by: until.actor('mia'),
      state: 'waiting',
      until: Date.parse('2026-11-05T08:00:00Z'),
      reason: 'holiday',
    });
    expect(until.view.hold).toBe('waiting');
    until.until('2026-11-05T09:00:00Z');
    expect(until.view.hold).toBeNull();
  });

  it("of the workspace's own state names counts once the policy maps it", () => {
    expect(start().event('state', { state: 'on_hold' }).view.hold).toBe('paused');
    expect(start().event('state', { state: 'mystery' }).view.hold).toBeNull();
  });
});

describe('a customer who churns', () => {
  it('holds the onboarding, is told once, and its return lets the clocks go on', () => {
    const story = start().advance('2 working days');
    story.hear(lost(1, story.now)).advance('40 days');

    expect(story.view).toMatchObject({ hold: 'customer', health: 'waiting' });
    expect(story.chased('stuck_in_phase')).toBe('');
    expect(story.chased('customer_churned').split(' ')[0]).toBe('mia@1');

    story.event('state', { state: 'paused' }).advance('1 hours').event('state', { state: 'active' });
    expect(story.effects).toContain('revive_customer');
    story.hear(lost(2, null));

    expect(story.view.hold).toBeNull();
    expect(story.last('customer_churned').status).toBe('resolved');
    story.advance('4 working days');
    expect(story.chased('stuck_in_phase')).toBe('mia@1');
  });

  it('is denied by a person who resolves it, and told so', () => {
    const story = start().advance('1 hours');
    story.hear(lost(1, story.now)).advance('1 hours');

    story.do({ verb: 'resolve', escalationId: story.open('customer_churned')?.id ?? '', by: story.actor('mia') });

    expect(story.effects).toContain('deny_customer');
  });

  it('leaves nobody with an open message when the last onboarding of the customer is closed', () => {
    const story = start().advance('1 hours');
    story.hear(lost(1, story.now)).advance('1 hours');
    expect(story.chased('customer_churned')).toBe('mia@1');

    story.do({ verb: 'close', by: story.actor('tom'), reason: 'gone for good' });

    expect(story.told.at(-1)).toMatchObject({ kind: 'resolved', rule: 'customer_churned', to: 'mia' });
    expect(story.effects.at(-1)).toBe('close');
  });

  it('hands its escalation on, whole and silently, when its carrier closes and another is open', () => {
    const story = start().advance('1 hours');
    story.hear({ ...lost(1, story.now), others: ['onb_2'] }).advance('1 hours');
    story.do({ verb: 'close', by: story.actor('tom'), reason: 'deleted in Pivotal' });

    expect(story.effects).toContain('unlink_customer');
    expect(story.last('customer_churned').resolved?.how).toBe('handed_over');
    expect(story.told.filter((one) => one.kind === 'resolved')).toEqual([]);
  });
});
