import { describe, expect, it } from 'vitest';
import { officeWithout } from '../support/office-policy.js';
import { policyOf, Story } from '../support/story.js';

/** A policy is published that takes the last level, the sponsor's, away while escalations stand on it. */
const QUIET = officeWithout('no_activity');
const TWO_LEVELS = QUIET.replace(/^ {4}- \{ after: 5 working days, to: \[exec_sponsor\].*\n/m, '');
const TWO_WITH_REPEAT = TWO_LEVELS.replace(
  'to: [owner, manager] }',
  'to: [owner, manager], repeat: { every: 3 working days, times: 2 } }',
);

const onLevel3 = () =>
  new Story(policyOf(QUIET))
    .event('created', { phase: 'kickoff', owner: 'mia@vendor.example' })
    .advance('15 working days');
const toldOnLevel3 = (story: Story) =>
  story.told
    .filter((one) => one.kind === 'notified' && one.level === 3)
    .map((one) => `${new Date(one.at).toISOString().slice(0, 10)} ${one.to}`);
const someone = { id: 'someone', name: 'Someone' };

describe('an escalation that stands higher than its ladder goes by now', () => {
  it("goes to the last level's people when an acknowledge expires", () => {
    const story = onLevel3();
    story.do({ verb: 'acknowledge', escalationId: story.open()?.id ?? '', by: someone }).publish(policyOf(TWO_LEVELS));

    story.advance('3 working days');

    expect(toldOnLevel3(story)).toEqual(['2026-11-23 eva', '2026-11-26 mia', '2026-11-26 tom']);
  });

  it('is repeated as the last level is', () => {
    const story = onLevel3().publish(policyOf(TWO_WITH_REPEAT));

    story.advance('30 working days');

    expect(toldOnLevel3(story)).toEqual([
      '2026-11-23 eva',
      '2026-11-26 mia',
      '2026-11-26 tom',
      '2026-12-01 mia',
      '2026-12-01 tom',
    ]);
  });

  it("tells the last level's people once more when somebody escalates", () => {
    const story = onLevel3().publish(policyOf(TWO_LEVELS));

    story.do({ verb: 'escalate', escalationId: story.open()?.id ?? '', by: someone });

    expect(toldOnLevel3(story)).toEqual(['2026-11-23 eva', '2026-11-23 mia', '2026-11-23 tom']);
  });

  it("leaves a chase whose recipient went away to the last level's people", () => {
    const story = onLevel3();
    const forMs = Date.parse('2026-11-27T19:00:00Z') - story.now;
    story.do({ verb: 'acknowledge', escalationId: story.open()?.id ?? '', by: story.actor('ana'), forMs });
    story.until('2026-11-28T08:00:00Z');
    const ana = 'emails: [ana@vendor.example], manager: tom, calendar: office, channels: [hook]';
    story.publish(policyOf(TWO_LEVELS.replace(ana, `${ana}, time_off: [{ from: 2026-11-30, to: 2026-12-11 }]`)));

    story.until('2026-11-30T09:00:00Z');

    expect(toldOnLevel3(story)).toEqual(['2026-11-23 eva', '2026-11-30 mia', '2026-11-30 tom']);
  });

  it('climbs again once the ladder is longer than it stands high', () => {
    const story = onLevel3().publish(policyOf(TWO_LEVELS)).advance('2 working days');
    const FOUR_LEVELS = QUIET.replace(
      /^( {4}- \{ after: 5 working days, to: \[exec_sponsor\]).*$/m,
      '$1 }\n    - { after: 5 working days, to: [ops] }',
    );

    story.publish(policyOf(FOUR_LEVELS)).advance('5 working days');

    expect(story.chased()).toBe('mia@1 mia@2 tom@2 eva@3 ops@4');
  });
});
