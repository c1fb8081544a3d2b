import { describe, expect, it } from 'vitest';
import { OFFICE, officeWithout } from '../support/office-policy.js';
import { policyOf, Story } from '../support/story.js';

/** What a level reads about those who were told before it. */
const QUIET = policyOf(officeWithout('no_activity'));
const MIA_WAS_TOLD = 'Mia Park was told Mon 9 Nov 09:00 Berlin';

const told = () =>
  new Story(QUIET).event('created', { phase: 'kickoff', owner: 'mia@vendor.example' }).until('2026-11-09T09:00:00Z');
const id = (story: Story) => story.open()?.id ?? '';
const toTom = (story: Story) => story.told.findLast((one) => one.to === 'tom' && one.kind === 'notified')?.text;

describe('a message of a higher level', () => {
  it('says that nobody has acted where nobody has', () => {
    expect(toTom(told().advance('5 working days'))).toContain(`${MIA_WAS_TOLD} and nobody has acted since.`);
  });

  it('says who asked for it', () => {
    const story = told();
    story.do({ verb: 'acknowledge', escalationId: id(story), by: story.actor('mia') }).until('2026-11-09T11:00:00Z');

    story.do({ verb: 'escalate', escalationId: id(story), by: story.actor('mia') });

    expect(toTom(story)).toContain(
      `${MIA_WAS_TOLD}. Mia Park asked for the next level Mon 9 Nov 12:00 Berlin. Level 2.`,
    );
  });

  it.each([
    ['acknowledge', 'Tom Reyes acknowledged it Mon 16 Nov 10:00 Berlin and nobody has acted since. Level 2.'],
    ['snooze', 'Tom Reyes snoozed it Mon 16 Nov 10:00 Berlin and nobody has acted since. Level 2.'],
  ] as const)('reminds whoever let it rest of that, and says nothing else of who acted: %s', (verb, words) => {
    const story = told().until('2026-11-16T09:00:00Z');
    const wait = { until: { forMs: 3_600_000 }, forMs: 3_600_000 };
    story.do({ verb, escalationId: id(story), by: story.actor('tom'), ...wait });

    story
      .until('2026-11-16T10:30:00Z')
      .do({ verb: 'note', escalationId: id(story), by: story.actor('eva'), note: '?' });

    expect(story.chased()).toMatch(/^mia@1 mia@2 tom@2 .*tom@2$/);
    expect(toTom(story)).toContain(`${MIA_WAS_TOLD}. ${words}`);
  });

  it('says that it was given to somebody, where nobody of the level below could be told after that', () => {
    const story = told();
    const ana = story.actor('ana').person;
    if (!ana) throw new Error('ana is in the policy');
    story.answer = ({ recipient }) =>
      ['ana', 'ops'].includes(recipient.id)
        ? { outcome: 'failed', failure: 'UpstreamUnavailable', message: '503' }
        : { outcome: 'sent' };
    story.do({ verb: 'reassign', escalationId: id(story), by: story.actor('eva'), to: ana }).advance('7 working days');

    expect(toTom(story)).toContain(
      `${MIA_WAS_TOLD}. Eva Lund reassigned it Mon 9 Nov 10:00 Berlin and nobody has acted since.`,
    );
  });

  it('forgets what was done before the level below was told', () => {
    const story = told();
    story.do({ verb: 'escalate', escalationId: id(story), by: story.actor('mia') }).advance('5 working days');

    const eva = story.told.findLast((one) => one.to === 'eva')?.text;
    expect(eva).toContain('Tom Reyes was told Mon 9 Nov 10:00 Berlin and nobody has acted since.');
  });

  it('knows what was done about a silence that a stuck phase took over', () => {
    const both = policyOf(OFFICE.replace('stuck: 15 working days', 'stuck: 11 working days'));
    const story = new Story(both).event('created', { phase: 'integration', owner: 'mia@vendor.example' });
    story.advance('10 working days').advance('2 hours');
    story.do({ verb: 'acknowledge', escalationId: id(story), by: story.actor('tom') }).advance('1 working days');

    expect(story.open('stuck_in_phase')?.lastAct).toMatchObject({ verb: 'acknowledge', by: { id: 'tom' } });
  });
});
