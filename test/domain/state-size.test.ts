import { describe, expect, it } from 'vitest';
import { OFFICE, officeWithout } from '../support/office-policy.js';
import { policyOf, Story } from '../support/story.js';

const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

describe('the state of an onboarding', () => {
  it('stays under 64 kB over two years of moves, risks, tasks and shifts', () => {
    const story = new Story(policyOf(OFFICE)).event('created', {
      phase: 'kickoff',
      owner: 'mia@vendor.example',
      name: 'Borealis · EU rollout',
    });
    const phases = ['integration', 'uat', 'kickoff', 'launch'];
    for (let week = 0; week < 104; week++) {
      story.advance('2 days').event('task', {});
      story.event('at_risk').advance('2 days').event('back_on_track');
      story.event('record', { target: `2027-0${1 + (week % 9)}-1${week % 10}` });
      if (week % 3 === 0) story.event('moved', { phase: phases[week % 4] as string });
      story.advance('3 days');
      story.state = { ...story.state, log: [] };
    }

    expect(bytes(story.state)).toBeLessThan(64_000);
    expect(story.state.counts.applied).toBeGreaterThan(400);
  });

  it('stays under 64 kB where one escalation is acknowledged and expires for a year', () => {
    const story = new Story(policyOf(officeWithout('no_activity')))
      .event('created', { phase: 'kickoff', owner: 'mia@vendor.example' })
      .advance('5 working days');
    for (let n = 0; n < 80; n++) {
      story
        .do({ verb: 'acknowledge', escalationId: story.open()?.id ?? '', by: story.actor('mia') })
        .advance('3 working days');
      story.state = { ...story.state, log: [] };
    }

    expect(bytes(story.state)).toBeLessThan(64_000);
    expect(story.told.filter((one) => one.kind === 'notified').length).toBeGreaterThanOrEqual(81);
  });
});
