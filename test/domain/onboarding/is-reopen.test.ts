import { describe, expect, it } from 'vitest';
import { isReopen } from '../../../src/domain/onboarding/reopen.js';
import { officeWithout } from '../../support/office-policy.js';
import { policyOf, Story } from '../../support/story.js';
import { told } from './some-facts.js';

/** The policy of the day it closed, and the one in force when something more is heard of it. */
const FORMER = policyOf(officeWithout('no_activity'));
const RENAMED = policyOf(officeWithout('no_activity').replace('name: uat', 'name: validation'));
const completed = (policy = FORMER) =>
  new Story(policy)
    .event('created', { phase: 'uat', state: 'active', owner: 'mia@vendor.example' })
    .event('moved', { phase: 'adoption' }, { previous: { phase: 'uat' } })
    .advance('1 days')
    .event('completed', { state: 'completed' })
    .advance('40 days');

describe('what is heard of a closed onboarding', () => {
  it('is read by the policy in force: a phase renamed since is where it stands now', () => {
    const { state, now } = completed();
    const back = [told('moved', now, { phase: 'validation', state: 'active' }, { previous: { phase: 'adoption' } })];

    expect(isReopen(state, back, RENAMED)).toBe(true);
    expect(isReopen(state, back)).toBe(false);
    expect(isReopen(state, [told('task', now)], RENAMED)).toBe(false);
  });

  it('is read by the policy of its close where it never ended by the one in force', () => {
    const own = policyOf(officeWithout('no_activity').replace('states: {', 'states: { live: completed,'));
    const story = new Story(own)
      .event('created', { phase: 'adoption', state: 'active', owner: 'mia@vendor.example' })
      .advance('1 days')
      .event('state', { state: 'live' }, { previous: { state: 'active' } })
      .advance('40 days');

    expect(isReopen(story.state, [told('task', story.now)], FORMER)).toBe(false);
    const back = told('state', story.now, { state: 'active' }, { previous: { state: 'live' } });
    expect(isReopen(story.state, [back], FORMER)).toBe(true);
  });
});
