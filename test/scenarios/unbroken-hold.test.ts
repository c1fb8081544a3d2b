import { describe, expect, it } from 'vitest';
import { officeWithout } from '../support/office-policy.js';
import { policyOf, Story } from '../support/story.js';

/** One stay in one hold state is one wait, whoever declared it and however often (design section 4, "Episodes"). */
const QUIET = policyOf(officeWithout('no_activity'));
const BY = { id: 'mia', name: 'Mia Park' };
const start = () =>
  new Story(QUIET).event('created', { phase: 'kickoff', state: 'active', owner: 'mia@vendor.example' });
const hold = (story: Story, state: 'waiting' | 'blocked' = 'waiting') =>
  story.do({ verb: 'hold', by: BY, state, reason: 'legal review' });
const toldByRecord = (story: Story, state: string) =>
  story.event('state', { state }, { previous: { state: 'active' } });

describe('a wait', () => {
  it('that a person declared and the record confirms is due from its first day', () => {
    const story = toldByRecord(hold(start()).advance('9 working days'), 'waiting').advance('1 working days');

    expect(story.chased('waiting_too_long')).toBe('mia@1');
    expect(story.last('waiting_too_long').evidence).toEqual(['waiting since 2026-11-02T08:00:00.000Z: legal review']);
  });

  it('that the record confirms once it was chased keeps its escalation, and what was done about it', () => {
    const story = hold(start()).advance('10 working days');
    const { id } = story.last('waiting_too_long');
    story.do({ verb: 'acknowledge', escalationId: id, by: story.actor('mia') }).advance('1 days');

    toldByRecord(story, 'waiting').advance('1 days');

    expect(story.open('waiting_too_long')).toMatchObject({ id, status: 'acknowledged' });
  });

  it('that a person renews every week is told of all the same', () => {
    const story = hold(start());
    for (let week = 0; week < 2; week++) hold(story.advance('5 working days'));

    expect(story.advance('1 working hours').chased('waiting_too_long')).toBe('mia@1');
  });

  it('that a person declares over one of the record, and that outlives it, is the same', () => {
    const story = toldByRecord(start(), 'waiting').advance('4 working days');
    hold(story).advance('1 days').event('record', { state: 'active' });
    expect(story.view.hold).toBe('waiting');

    expect(story.until('2026-11-16T09:00:00Z').chased('waiting_too_long')).toBe('mia@1');
  });

  it('begins anew after a break, however short, and in another state', () => {
    const released = hold(start()).advance('9 working days').do({ verb: 'release', by: BY }).advance('1 hours');
    expect(hold(released).advance('9 working days').chased('waiting_too_long')).toBe('');

    const blocked = hold(hold(start()).advance('9 working days'), 'blocked');
    expect(blocked.advance('9 working days').chased('waiting_too_long')).toBe('');
  });
});
