import { describe, expect, it } from 'vitest';
import { isReopen } from '../../src/domain/onboarding/reopen.js';
import type { Fact } from '../../src/domain/event/fact.js';
import { OFFICE, officeWithout } from '../support/office-policy.js';
import { policyOf, Story } from '../support/story.js';

const QUIET = policyOf(officeWithout('no_activity'));
const start = (policy = QUIET) =>
  new Story(policy).event('created', { phase: 'kickoff', state: 'active', owner: 'mia@vendor.example' });
const fact = (kind: Fact['kind'], at: number, record: Fact['record'], previous: Fact['previous'] = {}): Fact => ({
  id: `evt_${kind}_${at}`,
  source: 'pivotal',
  type: `onboarding.${kind}`,
  kind,
  at,
  heardAt: at,
  record,
  previous,
});

const iso = (at: number) => new Date(at).toISOString();

describe('launched and completed', () => {
  it('end the stall rules; launched without completed is a condition of its own', () => {
    const story = start()
      .event('moved', { phase: 'launch' })
      .advance('1 hours')
      .event('launched')
      .advance('19 working days');
    expect(story.told).toEqual([]);
    expect(story.view.state).toBe('launched');

    story.advance('2 working days');

    expect(story.chased()).toBe('mia@1');
    expect(story.told[0]?.rule).toBe('launched_not_completed');
  });

  it('are one act, in whatever order its three events are spoken', () => {
    const at = Date.parse('2026-11-10T10:00:00Z');
    const parts = [
      fact('completed', at, { state: 'completed', phase: 'adoption' }),
      fact('moved', at + 20_000, { state: 'completed', phase: 'completed' }, { phase: 'adoption' }),
      fact('state', at + 40_000, { state: 'completed', phase: 'completed' }, { state: 'active' }),
    ];
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
      [1, 0, 2],
    ]) {
      const story = start().event('moved', { phase: 'adoption' });
      story.now = at + 60_000;
      for (const index of order) story.facts(parts[index] as Fact);

      expect(story.view.state).toBe('completed');
      expect(story.view.health).toBe('done');
    }
  });

  it('are counted from the event, whatever date its record names', () => {
    const story = start().event('moved', { phase: 'adoption' }).advance('1 days');
    const completedAt = story.now;
    story.event('state', { state: 'paused' }, { previous: { state: 'active' } }).advance('2 hours');
    story.event('state', { state: 'active' }, { previous: { state: 'paused' } }).advance('5 hours');

    story.event('completed', { state: 'active', completedAt });

    expect(story.view).toMatchObject({ state: 'completed', health: 'done', completed_at: iso(story.now) });
    expect(story.advance('29 days').chased()).toBe('');
    expect(story.advance('2 days').effects).toContain('close');
  });

  it("also by a state of the workspace's own that the policy reads as completed", () => {
    const own = policyOf(officeWithout('no_activity').replace('states: {', 'states: { live: completed,'));
    const story = start(own)
      .advance('1 days')
      .event('state', { state: 'live' }, { previous: { state: 'active' } });

    expect(story.view).toMatchObject({
      state: 'completed',
      health: 'done',
      completed_at: new Date(story.now).toISOString(),
    });
    expect(story.advance('31 days').effects).toContain('close');
  });

  it('close after the grace time, not before', () => {
    const story = start().event('completed', { state: 'completed' }).advance('29 days');
    expect(story.effects).not.toContain('close');
    expect(story.view.closed).toBe(false);

    story.advance('2 days');

    expect(story.effects).toContain('close');
    expect(story.view.closed).toBe(true);
  });

  it('come back when it is sent to an earlier phase within the grace time', () => {
    const story = start()
      .event('moved', { phase: 'adoption' })
      .advance('1 days')
      .event('completed', { state: 'completed' })
      .advance('3 days');
    story.event('moved', { phase: 'uat', state: 'active' }, { previous: { phase: 'adoption' } });

    expect(story.view.state).toBe('running');
    expect(story.advance('8 working days').chased()).toBe('mia@1');
  });

  it('do not come back for a task, a risk flag or a move into a later phase', () => {
    const done = () =>
      start()
        .event('moved', { phase: 'launch' })
        .advance('1 days')
        .event('completed', { state: 'completed' })
        .advance('3 days');

    expect(done().event('task').view.state).toBe('completed');
    expect(done().event('at_risk', { state: 'active' }).view.state).toBe('completed');
    expect(done().event('moved', { phase: 'adoption', state: 'completed' }).view.state).toBe('completed');
  });

  it('reopen a closed one only for what brings it back; the rest is late', () => {
    const story = start()
      .event('moved', { phase: 'adoption' })
      .advance('1 days')
      .event('completed', { state: 'completed' })
      .advance('40 days');
    const later = story.now;

    expect(isReopen(story.state, [fact('task', later, {})])).toBe(false);
    expect(
      isReopen(story.state, [fact('moved', later, { phase: 'uat', state: 'active' }, { phase: 'adoption' })]),
    ).toBe(true);
    expect(isReopen(story.state, [fact('state', later, { state: 'active' }, { state: 'completed' })])).toBe(true);
  });
});

describe("a person's resolve", () => {
  const resolve = (story: Story) =>
    story.do({
      verb: 'resolve',
      escalationId: story.open()?.id ?? '',
      by: story.actor('mia'),
      note: 'agreed with the customer',
    });

  it('stays resolved for the episode, and comes back after ten working days if it is still true', () => {
    const story = start().advance('5 working days');
    resolve(story).advance('9 working days');
    expect(story.chased()).toBe('mia@1');

    story.advance('1 working days');

    expect(story.chased()).toBe('mia@1 mia@1');
  });

  it('stays resolved for ever where the policy says so', () => {
    const story = start(
      policyOf(officeWithout('no_activity').replace('still_true_after: 10 working days', 'still_true_after: off')),
    ).advance('5 working days');

    resolve(story).advance('200 days');

    expect(story.chased()).toBe('mia@1');
  });

  it('does not cover the next phase', () => {
    const story = start().advance('5 working days');
    resolve(story).advance('2 working days').event('moved', { phase: 'uat' }).advance('8 working days');

    expect(story.chased()).toBe('mia@1 mia@1');
  });

  it('of a risk gives way to a risk event after the cool-down, not to one within it', () => {
    const story = start().event('at_risk').advance('1 hours');
    resolve(story).advance('1 hours').event('at_risk').advance('5 working hours');
    expect(story.chased('at_risk')).toBe('mia@1');

    story.advance('1 working days').event('at_risk').advance('1 hours');

    expect(story.chased('at_risk')).toBe('mia@1 mia@1');
  });
});

describe('a closed onboarding', () => {
  it('resolves everything, ends, and comes back with a later phase move', () => {
    const story = start().advance('5 working days');
    story.do({ verb: 'close', by: story.actor('tom'), reason: 'deleted in Pivotal' });

    expect(story.open()).toBeUndefined();
    expect(story.effects).toContain('close');
    expect(story.view.closed).toBe(true);
    expect(isReopen(story.state, [fact('moved', story.now + 1000, { phase: 'uat' })])).toBe(true);
  });

  it('is shown as far as it had come, and closed beside it', () => {
    const close = (story: Story) => story.do({ verb: 'close', by: story.actor('tom'), reason: 'deleted' }).view;
    const live = () => start().event('moved', { phase: 'launch' }).event('launched').advance('1 days');

    expect(close(start())).toMatchObject({ state: 'running', closed: true, health: 'done' });
    expect(close(live())).toMatchObject({ state: 'launched', closed: true, health: 'done' });
    expect(close(live().event('completed', { state: 'completed' }))).toMatchObject({
      state: 'completed',
      closed: true,
    });
    expect(live().event('state', { state: 'cancelled' }).view).toMatchObject({ state: 'launched', closed: true });
  });

  it('is also what a state means that the policy calls closed', () => {
    expect(start().event('state', { state: 'cancelled' }).view.closed).toBe(true);
  });
});

describe('silence and a stuck phase', () => {
  it('are told once: the stuck phase takes over the level of the silence', () => {
    const slow = policyOf(
      OFFICE.replace(
        'name: kickoff, behind: 3 working days,  stuck: 5',
        'name: kickoff, behind: 3 working days,  stuck: 5',
      ).replace('stuck: 15 working days', 'stuck: 12 working days'),
    );
    const story = new Story(slow)
      .event('created', { phase: 'integration', owner: 'mia@vendor.example' })
      .advance('11 working days');
    expect(story.chased()).toBe('mia@1 mia@2 tom@2');
    expect(story.told[0]?.rule).toBe('no_activity');

    story.advance('2 working days');

    expect(story.last('no_activity').resolved?.how).toBe('absorbed');
    expect(story.last('stuck_in_phase')).toMatchObject({ status: 'open', level: 2 });
    expect(story.chased('stuck_in_phase')).toBe('');
  });
});

describe('silence that nobody has read of yet', () => {
  it('hands no level on: the stuck phase tells the owner itself', () => {
    const both = policyOf(
      OFFICE.replace(
        'behind: 10 working days, stuck: 15 working days',
        'behind: 3 working days, stuck: 6 working days',
      ),
    );
    const story = new Story(both).event('created', { phase: 'integration', owner: 'mia@vendor.example' });
    story.answer = (send, at) =>
      send.key.includes('~1/')
        ? { outcome: 'later', until: at + 3_600_000, reason: 'catching up' }
        : { outcome: 'sent' };

    story.advance('8 working days');

    expect(story.chased()).toBe('mia@1');
    expect(story.told[0]?.rule).toBe('stuck_in_phase');
  });
});

describe('targets', () => {
  it('near, passed and moved are three conditions, each on its own date', () => {
    const story = start().event('moved', { phase: 'integration', target: '2026-11-20' });
    story.until('2026-11-13T12:00:00Z');
    expect(story.chased('target_near')).toBe('');
    story.until('2026-11-16T09:00:00Z');
    expect(story.chased('target_near')).toBe('mia@1');
    story.until('2026-11-23T09:00:00Z');

    expect(story.last('target_near').status).toBe('resolved');
    expect(story.chased('target_passed')).toBe('mia@1');
  });

  it('near ends when its date passes, also while the onboarding is paused and nothing else comes due', () => {
    const story = start().event('moved', { phase: 'integration', target: '2026-11-20' });
    story.until('2026-11-16T09:00:00Z').event('state', { state: 'paused' });
    expect(story.last('target_near').status).toBe('open');

    story.until('2026-11-21T00:30:00Z');
    expect(story.last('target_near')).toMatchObject({
      status: 'resolved',
      resolved: { at: Date.parse('2026-11-20T23:00:00Z') },
    });
    expect(story.chased('target_passed')).toBe('');
  });

  it('moved too far, or too often within a phase', () => {
    const far = start()
      .event('record', { target: '2026-12-01' })
      .advance('1 hours')
      .event('record', { target: '2026-12-10' })
      .advance('1 hours');
    expect(far.chased('target_moved')).toBe('mia@1');

    const often = start().event('record', { target: '2026-12-01' });
    for (const day of ['02', '03']) often.advance('1 hours').event('record', { target: `2026-12-${day}` });
    expect(often.chased('target_moved')).toBe('');
    often.advance('1 hours').event('record', { target: '2026-12-04' });
    expect(often.chased('target_moved')).toBe('mia@1');
    expect(often.view.target).toMatchObject({ first: '2026-12-01', latest: '2026-12-04' });
    expect(often.view.target.shifts).toHaveLength(3);
  });
});
