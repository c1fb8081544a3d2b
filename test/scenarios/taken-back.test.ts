import { describe, expect, it } from 'vitest';
import { officeWithout } from '../support/office-policy.js';
import { policyOf, Story } from '../support/story.js';

/** A launch that is taken back by a move to an earlier phase, and what it takes to launch again. */
const QUIET = policyOf(officeWithout('no_activity', 'target_near'));
const launched = (policy = QUIET) =>
  new Story(policy)
    .event('created', { phase: 'uat', state: 'active', owner: 'mia@vendor.example', target: '2026-11-20' })
    .event('moved', { phase: 'launch' }, { previous: { phase: 'uat' } })
    .event('launched', { phase: 'launch' })
    .advance('1 days');
const sentBack = (policy = QUIET) =>
  launched(policy)
    .event('moved', { phase: 'uat' }, { previous: { phase: 'launch' } })
    .advance('2 working days');
const cutOver = (story: Story) => story.event('moved', { phase: 'launch' }, { previous: { phase: 'uat' } });

describe('a launch that was taken back', () => {
  it('stays taken back when the phase is reached again: the target passes, and the phase is stuck', () => {
    const story = cutOver(sentBack());
    expect(story.view).toMatchObject({ state: 'running', launched_at: null });

    story.advance('5 working days');
    expect(story.chased('stuck_in_phase')).toBe('mia@1');
    story.until('2026-11-23T09:00:00Z');

    expect(story.chased('target_passed')).toBe('mia@1');
    expect(story.chased('launched_not_completed')).toBe('');
  });

  it('is silent about the hand-over, however long ago the first launch was', () => {
    const story = sentBack().advance('30 working days');

    expect(cutOver(story).advance('1 working hours').chased('launched_not_completed')).toBe('');
  });

  it.each([
    ['after the move', 0, 20_000],
    ['before it', 20_000, 0],
    ['in its instant', 0, 0],
  ])('counts again from the next launch, spoken %s', (_, moved, said) => {
    const story = sentBack();
    const at = story.now;
    story.until(at + 60_000);
    story.event('launched', { phase: 'launch' }, { at: at + said });
    story.event('moved', { phase: 'launch' }, { at: at + moved, previous: { phase: 'uat' } });

    expect(story.view).toMatchObject({ state: 'launched', launched_at: new Date(at + said).toISOString() });
    story.advance('19 working days');
    expect(story.chased('launched_not_completed')).toBe('');
    expect(story.advance('1 working days').chased('launched_not_completed')).toBe('mia@1');
  });

  it('counts again also where every record goes on naming the first launch', () => {
    const story = launched();
    const launchedAt = story.now - 60_000;
    story
      .event('record', { launchedAt })
      .event('moved', { phase: 'uat', launchedAt }, { previous: { phase: 'launch' } });
    story.advance('2 working days').event('moved', { phase: 'launch', launchedAt }, { previous: { phase: 'uat' } });
    expect(story.view.state).toBe('running');

    expect(story.event('launched', { launchedAt }).view).toMatchObject({
      state: 'launched',
      launched_at: new Date(story.now).toISOString(),
    });
  });

  it('counts from the date of the record where that is the newer launch', () => {
    const story = sentBack().advance('1 days');
    const launchedAt = story.now - 3_600_000;

    expect(cutOver(story).event('record', { launchedAt }).view).toMatchObject({
      state: 'launched',
      launched_at: new Date(launchedAt).toISOString(),
    });
  });

  it('can be taken back a second time', () => {
    const story = cutOver(sentBack()).event('launched').advance('3 days');
    story.event('moved', { phase: 'integration' }, { previous: { phase: 'launch' } }).advance('1 days');

    expect(cutOver(story).view.state).toBe('running');
    expect(story.event('launched').view.state).toBe('launched');
  });

  it('was no send-back where the move is put right within the hour', () => {
    const slip = (minutes: number) => {
      const story = launched().event('moved', { phase: 'uat' }, { previous: { phase: 'launch' } });
      return cutOver(story.until(story.now + minutes * 60_000));
    };

    expect(slip(60).view).toMatchObject({ state: 'launched', launched_at: '2026-11-02T08:00:00.000Z' });
    expect(slip(61).view.state).toBe('running');
  });

  it('is told of by a launch that comes in late too', () => {
    const story = cutOver(sentBack());
    const at = story.now;
    for (let n = 0; n < 130; n++) story.until(story.now + 60_000).event('task');
    expect(story.state.base?.upTo).toBeGreaterThan(at);

    story.event('launched', {}, { at: at + 1_000 });

    expect(story.view).toMatchObject({ state: 'launched', launched_at: new Date(at + 1_000).toISOString() });
  });
});
