import { describe, expect, it } from 'vitest';
import type { CustomerFlag, CustomerStanding } from '../../src/domain/customer/standing.js';
import { officeWithout } from '../support/office-policy.js';
import { policyOf, Story } from '../support/story.js';

/** A customer who gets a second flag of the same rule while the first is chased. */
const QUIET = policyOf(officeWithout('no_activity', 'stuck_in_phase'));
const start = () =>
  new Story(QUIET).event('created', { phase: 'kickoff', owner: 'mia@vendor.example', customerId: 'cus_1' });
const standing = (version: number, ...flags: CustomerFlag[]): CustomerStanding => ({
  version,
  flags,
  carriers: Object.fromEntries(flags.map(({ name }) => [name, 'onb_1'])),
  others: [],
  handedOver: [],
});
const risk = (since: number): CustomerFlag => ({ name: 'at_risk', since, reason: 'flagged at risk' });
const drop = (since: number): CustomerFlag => ({
  name: 'health_dropped',
  since,
  reason: 'health score dropped from 80 to 20',
});
const flagged = () => {
  const story = start();
  return { story, since: story.now, told: story.hear(standing(1, risk(story.now))).advance('1 hours') };
};

describe('a second flag of a customer', () => {
  it('is shown on the escalation that is open, which stays acknowledged', () => {
    const { story, since } = flagged();
    const { id } = story.last('customer_at_risk');
    story.do({ verb: 'acknowledge', escalationId: id, by: story.actor('mia') }).advance('1 days');

    story.hear(standing(2, risk(since), drop(story.now)));

    expect(story.open('customer_at_risk')).toMatchObject({
      id,
      status: 'acknowledged',
      reason: 'flagged at risk; health score dropped from 80 to 20',
      evidence: [
        `at_risk since ${new Date(since).toISOString()}`,
        `health_dropped since ${new Date(story.now).toISOString()}`,
      ],
    });
    expect(story.advance('1 hours').chased('customer_at_risk')).toBe('mia@1');
  });

  it('is in the message that goes out next, and no longer once it is denied', () => {
    const { story, since } = flagged();
    story.hear(standing(2, risk(since), drop(story.now))).advance('1 days');
    expect(story.told.at(-1)?.text).toContain('health score dropped from 80 to 20');

    story.hear(standing(3, risk(since)));

    expect(story.open('customer_at_risk')?.reason).toBe('flagged at risk');
  });

  it('is chased once the cool-down is over where a person had resolved the first', () => {
    const { story } = flagged();
    story.do({ verb: 'resolve', escalationId: story.last('customer_at_risk').id, by: story.actor('mia') });
    story.advance('1 hours').hear(standing(2, drop(story.now)));

    expect(story.advance('2 working days').chased('customer_at_risk').split(' ').slice(0, 2)).toEqual([
      'mia@1',
      'mia@1',
    ]);
  });

  it('is none where the first was resolved under the core before and is not denied yet', () => {
    const story = start();
    story.state = { ...story.state, core: 2 };
    story.hear(standing(1, risk(story.now))).advance('1 hours');
    story.do({ verb: 'resolve', escalationId: story.last('customer_at_risk').id, by: story.actor('mia') });
    story.state = { ...story.state, core: 3 };

    expect(story.advance('5 working days').chased('customer_at_risk')).toBe('mia@1');
  });
});
