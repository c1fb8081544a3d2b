import { describe, expect, it } from 'vitest';
import { OFFICE, officeWithout } from '../support/office-policy.js';
import { policyOf, Story } from '../support/story.js';

/** What is due just after a pause: whoever takes the work up again has a working hour before anybody is chased. */
const QUIET = policyOf(officeWithout('no_activity'));
const start = (policy = QUIET) =>
  new Story(policy).event('created', { phase: 'kickoff', owner: 'mia@vendor.example', state: 'active' });
const when = (story: Story) =>
  story.told
    .filter((one) => one.kind === 'notified')
    .map((one) => `${new Date(one.at).toISOString().slice(0, 16)} ${one.to}@${one.level}`);

describe('a condition that falls due just after a resume', () => {
  it('is told a working hour after it, and not within minutes', () => {
    const tenMinutesBeforeItIsDue = '2026-11-06T15:50:00Z';
    const story = start().until(tenMinutesBeforeItIsDue).event('state', { state: 'paused' });
    story.until('2026-11-10T09:00:00Z').event('state', { state: 'active' }).advance('1 working days');

    expect(new Date(story.last('stuck_in_phase').openedAt).toISOString()).toBe('2026-11-10T09:10:00.000Z');
    expect(when(story)).toEqual(['2026-11-10T10:00 mia@1']);
  });

  it('waits into the next morning where the working hour reaches beyond the day', () => {
    const story = start().until('2026-11-06T15:50:00Z').event('state', { state: 'blocked' });
    story.until('2026-11-10T15:30:00Z').event('state', { state: 'active' }).advance('1 working days');

    expect(when(story)).toEqual(['2026-11-11T08:30 mia@1']);
  });

  it('is told at once where the resume is an hour behind', () => {
    const story = start().until('2026-11-06T14:30:00Z').event('state', { state: 'paused' });
    story.until('2026-11-10T09:00:00Z').event('state', { state: 'active' }).advance('1 working days');

    expect(when(story)).toEqual(['2026-11-10T10:30 mia@1']);
  });

  it('waits the hour also where it may be told at any hour of the day', () => {
    const anyHour = policyOf(
      OFFICE.replace('at_risk: { ladder: urgent, after: 0 minutes }', 'at_risk: { ladder: urgent, any_hour: true }'),
    );
    const story = start(anyHour).event('state', { state: 'paused' }).until('2026-11-03T09:00:00Z');
    story.event('state', { state: 'active' }).advance('10 minutes').event('at_risk').advance('2 hours');

    expect(when(story)).toEqual(['2026-11-03T10:00 mia@1']);
  });

  it('does not wait for the end of a hold that does not stop it', () => {
    const story = start().event('state', { state: 'waiting' }).until('2026-11-03T09:00:00Z');
    story.event('state', { state: 'active' }).advance('10 minutes').event('at_risk').advance('2 hours');

    expect(when(story)).toEqual(['2026-11-03T09:10 mia@1']);
  });
});
