import { describe, expect, it } from 'vitest';
import type { RecordFields } from '../../../src/domain/event/fact.js';
import { OFFICE, officeWithout } from '../../support/office-policy.js';
import { policyOf, Story } from '../../support/story.js';

/** A run that began under core 2 is decided to its end as it began, with the faults that core 3 mends. */
const QUIET = officeWithout('no_activity');
const begunUnderCore2 = (text = QUIET, record: RecordFields = {}) => {
  const story = new Story(policyOf(text));
  story.state = { ...story.state, core: 2 };
  return story.event('created', { phase: 'kickoff', owner: 'mia@vendor.example', state: 'active', ...record });
};
const stuck = () => begunUnderCore2().advance('5 working days').advance('1 hours');
const id = (story: Story) => story.open()?.id ?? '';
const acknowledge = (story: Story, by = story.actor('mia')) =>
  story.do({ verb: 'acknowledge', escalationId: id(story), by }).advance('1 hours');
const escalate = (story: Story, by: string) =>
  story.do({ verb: 'escalate', escalationId: id(story), by: story.actor(by) });

describe('a run of core 2', () => {
  it('chases within the hour after a resume', () => {
    const story = begunUnderCore2().until('2026-11-06T15:50:00Z').event('state', { state: 'paused' });
    story.until('2026-11-10T09:00:00Z').event('state', { state: 'active' }).advance('20 minutes');

    expect(story.chased()).toBe('mia@1');
  });

  it('loses a chase of a lower level after a repeat', () => {
    const story = begunUnderCore2(
      QUIET.replace(
        /nudge:\n(.*\n){3}/,
        'nudge:\n    - { after: 0 minutes, to: [owner, ana] }\n    - { after: 1 working day, to: [manager], repeat: { every: 1 working day, times: 1 } }\n',
      ),
    );
    story.answer = ({ recipient }, at) =>
      recipient.id === 'ana'
        ? { outcome: 'later', until: Math.max(at + 60_000, Date.parse('2026-11-12T12:00:00Z')), reason: 'catching up' }
        : { outcome: 'sent' };

    story.until('2026-11-12T13:00:00Z');

    expect(story.open()?.sends.find((one) => one.recipient.id === 'ana')?.status).toBe('withdrawn');
  });

  it('stands still above a ladder that was shortened', () => {
    const story = acknowledge(begunUnderCore2().advance('15 working days'), { id: 'someone', name: 'Someone' });
    story.publish(policyOf(QUIET.replace(/^ {4}- \{ after: 5 working days, to: \[exec_sponsor\].*\n/m, '')));

    expect(story.advance('9 working days').chased()).toBe('mia@1 mia@2 tom@2 eva@3');
  });

  it('says that nobody has acted, and keeps no act', () => {
    const story = escalate(acknowledge(stuck()), 'mia');

    expect(story.told.at(-1)?.text).toContain('and nobody has acted since');
    expect(story.open()).not.toHaveProperty('lastAct');
    expect(story.open()).not.toHaveProperty('sinceRound');
  });

  it('restarts for a new owner whatever was asked for', () => {
    const story = acknowledge(stuck()).event('record', { owner: 'ana@vendor.example' }).advance('1 hours');

    expect(escalate(story, 'tom').chased()).toBe('mia@1 ana@1');
  });

  it('tells no end of a silence that was absorbed', () => {
    const text = OFFICE.replace('behind: 10 working days, stuck: 15', 'behind: 3 working days, stuck: 6');
    const story = begunUnderCore2(text, { phase: 'integration' }).advance('7 working days');
    story.event('moved', { phase: 'uat' }, { previous: { phase: 'integration' } }).advance('1 working days');

    expect(story.last('no_activity')).not.toHaveProperty('absorbedBy');
    expect(story.told.map((one) => one.kind)).toEqual(['notified']);
  });

  it('tells a program of one acknowledge a round', () => {
    const story = acknowledge(stuck());
    story.do({ verb: 'snooze', escalationId: id(story), by: story.actor('mia'), until: { forMs: 9 * 86_400_000 } });

    acknowledge(story.advance('1 hours'));

    expect(story.told.map((one) => one.kind)).toEqual(['notified', 'acknowledged', 'snoozed']);
  });
});
