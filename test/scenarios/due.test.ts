import { describe, expect, it } from 'vitest';
import type { RuleName } from '../../src/domain/policy/policy.js';
import { OFFICE, officeWithout } from '../support/office-policy.js';
import { MONDAY_9AM_BERLIN, policyOf, Story } from '../support/story.js';

const DAY = 86_400_000;
const AT_ONCE = policyOf(OFFICE.replace('at_risk: { ladder: urgent,', 'at_risk: { ladder: urgent, any_hour: true,'));
const QUIET = policyOf(officeWithout('no_activity'));
const start = (policy = AT_ONCE) =>
  new Story(policy).event('created', { phase: 'kickoff', state: 'active', owner: 'mia@vendor.example' });

/** When the first message of the last escalation was due, and when it went out. */
function firstOf(story: Story, rule: RuleName): { due: string; sent: string } {
  const [send] = story.last(rule).sends;
  return { due: iso(send?.dueAt), sent: iso(send?.sentAt) };
}
const iso = (at: number | undefined) => (at === undefined ? 'never' : new Date(at).toISOString());

describe('a first message that went out on time is due when it went out', () => {
  it('where the condition was true long before, and a cool-down kept it back', () => {
    const story = start().event('at_risk').event('back_on_track').advance('1 hours').event('at_risk');
    expect(story.open('at_risk')).toBeUndefined();

    story.advance('1 working days');

    const { due, sent } = firstOf(story, 'at_risk');
    expect([due, story.chased('at_risk')]).toEqual([sent, 'mia@1 mia@1']);
  });

  it('where a person had resolved it, and it came back after ten working days', () => {
    const story = start(QUIET).advance('5 working days');
    const by = story.actor('mia');
    story.do({ verb: 'resolve', escalationId: story.open()?.id ?? '', by, note: 'agreed' }).advance('10 working days');

    const { due, sent } = firstOf(story, 'stuck_in_phase');

    expect([due, story.chased()]).toEqual([sent, 'mia@1 mia@1']);
  });

  it('where it opened while the onboarding was paused', () => {
    const story = start().advance('1 hours').event('at_risk', { state: 'paused' });
    story.advance('3 days').event('state', { state: 'active' }).advance('1 days');

    const { due, sent } = firstOf(story, 'at_risk');

    expect(due).toBe(iso(MONDAY_9AM_BERLIN + 3_600_000 + 3 * DAY));
    expect(Date.parse(sent) - Date.parse(due)).toBe(3_600_000);
  });

  it('where it opened in a pause that, as is heard an hour later, there never was', () => {
    const record = { phase: 'kickoff', owner: 'mia@vendor.example' };
    const story = new Story(AT_ONCE).event('created', { ...record, state: 'paused' });
    story.event('at_risk', { ...record, state: 'active' }).advance('1 hours');
    expect(story.chased('at_risk')).toBe('');
    story.event('created', { ...record, state: 'active' }, { at: MONDAY_9AM_BERLIN - 60_000 });

    const { due, sent } = firstOf(story, 'at_risk');

    expect([due, sent]).toEqual([iso(story.now), iso(story.now)]);
  });

  it('where its customer had the flag for weeks, and was heard of now', () => {
    const story = start().advance('2 hours');
    const flag = { name: 'at_risk' as const, since: story.now - 20 * DAY, reason: 'Customer at risk' };
    story.hear({ version: 1, flags: [flag], carriers: { at_risk: 'onb_1' }, others: [], handedOver: [] });

    const { due, sent } = firstOf(story, 'customer_at_risk');

    expect(due).toBe(sent);
  });
});
