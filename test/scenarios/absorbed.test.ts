import { describe, expect, it } from 'vitest';
import { OFFICE } from '../support/office-policy.js';
import { policyOf, Story } from '../support/story.js';

/** Mia was told of a silence after five days; after six the phase is stuck, which says more, and absorbs it. */
const BOTH = OFFICE.replace(
  'behind: 10 working days, stuck: 15 working days',
  'behind: 3 working days, stuck: 6 working days',
);
const BY_MAIL = BOTH.replace(
  'channels:\n  hook:',
  'channels:\n  mail: { type: email, smtp_url_env: SMTP_URL, from: "s@vendor.example" }\n  hook:',
).replaceAll('calendar: office, channels: [hook]', 'calendar: office, channels: [mail]');

const stuck = (text = BOTH) =>
  new Story(policyOf(text))
    .event('created', { phase: 'integration', owner: 'mia@vendor.example' })
    .advance('7 working days');
const moves = (story: Story) => story.event('moved', { phase: 'uat' }, { previous: { phase: 'integration' } });
const ends = (story: Story) =>
  story.told.filter((one) => one.kind === 'resolved').map((one) => `${one.rule} ${one.to}@${one.level}`);

describe('whoever was told of a silence that a stuck phase absorbed', () => {
  it('hears of no end while the phase is stuck', () => {
    const story = stuck();

    expect(story.chased()).toBe('mia@1');
    expect(story.last('no_activity')).toMatchObject({ status: 'resolved', resolved: { how: 'absorbed' } });
    expect(ends(story)).toEqual([]);
  });

  it('hears of the end when the phase moves, once', () => {
    const story = moves(stuck()).advance('3 working days');

    expect(ends(story)).toEqual(['no_activity mia@1']);
    expect(story.told.at(-1)?.text).toBe('onb_1: No activity for 5 working days. resolved: the condition ended.');
  });

  it('hears who ended it', () => {
    const story = stuck();
    const escalationId = story.open('stuck_in_phase')?.id ?? '';

    story.do({ verb: 'resolve', escalationId, by: story.actor('tom'), note: 'on its way' });

    expect(story.told.at(-1)?.text).toContain('resolved by Tom Reyes: on its way.');
  });

  it('hears of the end when the onboarding is closed, before its workflow ends', () => {
    const story = stuck();

    story.do({ verb: 'close', by: story.actor('tom'), reason: 'gone for good' });

    expect(ends(story)).toEqual(['no_activity mia@1']);
    expect(story.effects.at(-1)).toBe('close');
  });

  it('hears of both ends as a program that was told of both', () => {
    const story = moves(stuck().advance('5 working days'));

    expect(story.chased()).toBe('mia@1 mia@2 tom@2');
    expect(ends(story).sort()).toEqual(['no_activity mia@1', 'stuck_in_phase mia@2', 'stuck_in_phase tom@2']);
  });

  it('hears of one end by mail, also where both told them', () => {
    expect(ends(moves(stuck(BY_MAIL)))).toEqual(['no_activity mia@1']);
    expect(ends(moves(stuck(BY_MAIL).advance('5 working days')))).toEqual([
      'stuck_in_phase mia@2',
      'stuck_in_phase tom@2',
    ]);
  });

  it('hears of one end by mail where the stuck phase ends while its own message is on its way', () => {
    const story = stuck(BY_MAIL);
    let isMoved = false;
    story.answer = () => {
      if (!isMoved) {
        isMoved = true;
        moves(story);
      }
      return { outcome: 'sent' };
    };

    story.advance('5 working days');

    expect(ends(story).sort()).toEqual(['stuck_in_phase mia@2', 'stuck_in_phase tom@2']);
  });

  it('hears of the end by mail also where the message of the stuck phase was stopped on its way', () => {
    const story = stuck(BY_MAIL);
    story.answer = ({ kind }) => {
      if (kind !== 'notified') return { outcome: 'sent' };
      if (story.open('stuck_in_phase')) moves(story);
      return { outcome: 'cancelled' };
    };

    story.advance('5 working days');

    expect(ends(story)).toEqual(['no_activity mia@1']);
  });

  it('hears of the end at once where no stuck phase is open that could end later', () => {
    const text = OFFICE.replace('cool_down: 1 working day', 'cool_down: 9 working days').replace(
      'stuck: 8 working days',
      'stuck: 6 working days',
    );
    const story = new Story(policyOf(text)).event('created', { phase: 'kickoff', owner: 'mia@vendor.example' });
    story.advance('4 working days').event('task').advance('2 working days');
    story.event('moved', { phase: 'uat' }, { previous: { phase: 'kickoff' } });

    story.advance('7 working days');

    expect(story.open()).toBeUndefined();
    expect(ends(story)).toEqual(['stuck_in_phase mia@1', 'no_activity mia@1']);
    expect(story.told.at(-1)?.text).toContain('resolved: the phase is stuck, which says more.');
  });
});
