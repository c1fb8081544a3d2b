import { describe, expect, it } from 'vitest';
import type { CustomerFlagName, CustomerStanding } from '../../src/domain/customer/standing.js';
import { rebuild } from '../../src/domain/why.js';
import { reopen } from '../../src/domain/onboarding/reopen.js';
import { officeWithout } from '../support/office-policy.js';
import { policyOf, Story } from '../support/story.js';

/** What an onboarding keeps of its customer, and for how long. */
const QUIET = policyOf(officeWithout('no_activity'));
const start = () =>
  new Story(QUIET).event('created', {
    phase: 'kickoff',
    state: 'active',
    owner: 'mia@vendor.example',
    customerId: 'cus_1',
  });
const standing = (version: number, name: CustomerFlagName | null, since = 0): CustomerStanding => ({
  version,
  flags: name === null ? [] : [{ name, since, reason: `Customer is ${name}` }],
  carriers: name === null ? {} : { [name]: 'onb_1' },
  others: [],
  handedOver: [],
});
const HOUR = 3_600_000;

describe('an onboarding that is opened again', () => {
  it('forgets what its customer was when it closed, and is told what holds by now', () => {
    const story = start();
    story.hear(standing(7, 'churned', story.now)).advance('1 hours');
    story.do({ verb: 'close', by: story.actor('tom'), reason: 'gone for good' });
    story.advance('20 days');
    story.state = reopen(story.state, [], story.clock, story.now);

    story.event('moved', { phase: 'integration' }, { previous: { phase: 'kickoff' } });

    expect(story.view.hold).toBeNull();
    expect(story.state.customer).toBeNull();
    expect(story.open('customer_churned')).toBeUndefined();
    expect(story.effects).toContain('link_customer');
    story.advance('15 working days');
    expect(story.chased('stuck_in_phase')).toBe('mia@1');
  });

  it('takes back what it handed on itself, with what was done since', () => {
    const story = start();
    const since = story.now;
    story.hear({ ...standing(1, 'churned', since), others: ['onb_2'] }).advance('1 hours');
    const carried = story.last('customer_churned');
    story.do({ verb: 'close', by: story.actor('tom'), reason: 'a mistake' });
    expect(story.last('customer_churned').resolved?.how).toBe('handed_over');
    story.state = reopen(story.state, [], story.clock, story.now);
    story.event('state', { state: 'active' }, { previous: { state: 'closed' } });

    const expiresAt = story.now + 1_000 * HOUR;
    const acknowledged = { by: { id: 'tom', name: 'Tom Reyes' }, at: story.now, expiresAt };
    const back = { ...carried, status: 'acknowledged' as const, acknowledged };
    story.hear({ ...standing(2, 'churned', since), handedOver: [{ to: 'onb_1', escalation: back }] });

    expect(story.state.escalations.filter((one) => one.id === carried.id)).toHaveLength(1);
    expect(story.last('customer_churned').status).toBe('acknowledged');
  });
});

describe('an onboarding that moves to another customer', () => {
  it('leaves the flags of the former one behind, and hears the new one from its first word', () => {
    const story = start();
    story.hear(standing(7, 'churned', story.now)).advance('1 hours');
    expect(story.chased('customer_churned')).toBe('mia@1');

    story.event('record', { customerId: 'cus_2' });

    expect(story.effects).toEqual(expect.arrayContaining(['unlink_customer', 'link_customer']));
    expect(story.view.hold).toBeNull();
    expect(story.last('customer_churned').resolved?.how).toBe('condition_ended');

    story
      .advance('2 working days')
      .hear(standing(1, 'at_risk', story.now))
      .advance('1 working hours');
    expect(story.chased('customer_at_risk')).toBe('mia@1');
  });

  it('does not hear the last words of the former one that cross with it', () => {
    const story = start();
    story.event('record', { customerId: 'cus_2' });

    story.hear({ ...standing(8, 'archived', story.now), customer: 'cus_1' });
    expect([story.view.hold, story.state.customer]).toEqual([null, null]);
    story.hear({ ...standing(1, 'churned', story.now), customer: 'cus_2' });
    expect(story.view.hold).toBe('customer');
  });

  it('is told of by archive and log as it was', () => {
    const story = start();
    story.hear({ ...standing(7, 'churned', story.now), carriers: {}, customer: 'cus_1' }).advance('1 days');
    const moved = story.now;
    story.event('record', { customerId: 'cus_2' }).advance('1 days');
    story.hear({ ...standing(1, null), customer: 'cus_2' });
    const { key, clock, startedAt, log, facts } = story.state;

    const told = rebuild(
      { key, clock, startedAt, log, facts: new Map(facts.map((fact) => [fact.id, fact])), policy: () => QUIET },
      story.now,
    );

    expect(told.customerHolds).toEqual(story.state.customerHolds);
    expect(told.customerHolds.at(-1)?.to).toBe(moved);
    expect(told.customer).toEqual(story.state.customer);
  });

  it('is of nobody once its record names none', () => {
    const story = start();
    story.hear(standing(1, 'churned', story.now)).advance('1 hours');

    story.event('record', { customerId: null });

    expect(story.effects.filter((one) => one === 'unlink_customer')).toHaveLength(1);
    expect([story.view.hold, story.state.linkedTo]).toEqual([null, null]);
  });
});

describe('a customer who comes back twice', () => {
  it('is told of the later time too, since a flag may have been set between', () => {
    const story = start();
    story.hear(standing(1, 'churned', story.now)).advance('1 days');
    story.event('moved', { phase: 'integration' }, { previous: { phase: 'kickoff' } });
    expect(story.effects.filter((one) => one === 'revive_customer')).toHaveLength(1);
    story
      .advance('1 days')
      .hear(standing(2, 'archived', story.now))
      .advance('2 days');

    story.event('state', { state: 'paused' }).advance('1 hours').event('state', { state: 'active' });

    expect(story.effects.filter((one) => one === 'revive_customer')).toHaveLength(2);
    expect(story.state.revivedAt).toBe(story.now);
  });
});

describe('the last onboarding of a flagged customer', () => {
  it('ends when it is closed, and opens nothing in the same breath, without a cool-down too', () => {
    const story = new Story(
      policyOf(officeWithout('no_activity').replace('cool_down: 1 working day', 'cool_down: 0 minutes')),
    ).event('created', { phase: 'kickoff', owner: 'mia@vendor.example', customerId: 'cus_1' });
    story.hear(standing(1, 'at_risk', story.now)).advance('1 hours');
    expect(story.chased('customer_at_risk')).toBe('mia@1');

    story.do({ verb: 'close', by: story.actor('tom'), reason: 'gone for good' });

    expect(story.effects.at(-1)).toBe('close');
    expect(story.state.escalations.filter((one) => one.rule === 'customer_at_risk')).toHaveLength(1);
    expect(story.told.at(-1)).toMatchObject({ kind: 'resolved', to: 'mia' });
  });
});
