import { describe, expect, it } from 'vitest';
import { OFFICE, officeWithout } from '../support/office-policy.js';
import { policyOf, Story } from '../support/story.js';

/** Mia was told and let it rest; the onboarding is Ana's since; and Tom asks for the next level now. */
const QUIET = policyOf(officeWithout('no_activity'));
const start = (policy = QUIET) =>
  new Story(policy).event('created', { phase: 'kickoff', owner: 'mia@vendor.example', state: 'active' });
const id = (story: Story) => story.open()?.id ?? '';
const acknowledgedThenAnas = (story: Story) =>
  story
    .do({ verb: 'acknowledge', escalationId: id(story), by: story.actor('mia') })
    .event('record', { owner: 'ana@vendor.example' })
    .advance('1 hours');
const escalate = (story: Story) => story.do({ verb: 'escalate', escalationId: id(story), by: story.actor('tom') });

describe('somebody who asks for the next level while a new owner waits', () => {
  it('gets it, and the new owner hears of it on that level', () => {
    const story = escalate(acknowledgedThenAnas(start().advance('5 working days')));

    expect(story.chased()).toBe('mia@1 ana@2 tom@2');
    expect(story.open()).toMatchObject({ status: 'open', level: 2, startedFor: 'ana' });
    expect(story.open()).not.toHaveProperty('restartDue');
  });

  it('gets it where the level is not of the owner: the new one is told beside it', () => {
    const story = escalate(acknowledgedThenAnas(start().advance('1 hours').event('at_risk').advance('1 hours')));

    expect(story.chased('at_risk')).toBe('mia@1 ana@2 tom@2');
  });

  it('does not set the ladder back: it goes on from there, for the new owner', () => {
    const story = escalate(acknowledgedThenAnas(start().advance('5 working days'))).advance('5 working days');

    expect(story.chased()).toBe('mia@1 ana@2 tom@2 eva@3');
  });

  it('gets the last level again where there is none above', () => {
    const story = escalate(acknowledgedThenAnas(start().advance('15 working days')));

    expect(story.chased()).toBe('mia@1 mia@2 tom@2 eva@3 ana@3 eva@3');
  });

  it('is heard after a pause too, and the former owner is told no more', () => {
    const story = start(
      policyOf(OFFICE.replace('ladder: nudge, after: 5 working days', 'ladder: nudge, after: 9 working days')),
    );
    story.answer = (_send, at) => ({ outcome: 'later', until: at + 3_600_000, reason: 'catching up' });
    story.advance('5 working days').event('state', { state: 'paused' });
    story.answer = () => ({ outcome: 'sent' });
    story.event('record', { owner: 'ana@vendor.example' }).advance('1 hours');

    escalate(story).event('state', { state: 'active' }).advance('1 working days');

    expect(story.chased()).toBe('ana@2 tom@2');
  });

  it('wakes nobody twice: nothing more is due for the new owner until the level after', () => {
    const story = escalate(acknowledgedThenAnas(start().advance('5 working days'))).advance('4 working days');

    expect(story.told.filter((one) => one.to === 'ana' && one.kind === 'notified')).toHaveLength(1);
  });
});
