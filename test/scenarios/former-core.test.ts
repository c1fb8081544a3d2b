import { describe, expect, it } from 'vitest';
import { officeWithout } from '../support/office-policy.js';
import { policyOf, Story } from '../support/story.js';

const QUIET = policyOf(officeWithout('no_activity', 'target_near'));
const former = () => {
  const story = new Story(QUIET);
  story.state = { ...story.state, core: 2 };
  return story.event('created', { phase: 'uat', state: 'active', owner: 'mia@vendor.example', customerId: 'cus_1' });
};

describe('a run that began under the core before', () => {
  it('goes on taking a launched phase that is reached again for the launch', () => {
    const story = former().event('moved', { phase: 'launch' }).event('launched').advance('1 days');
    story.event('moved', { phase: 'uat' }, { previous: { phase: 'launch' } }).advance('1 days');
    expect(story.view.state).toBe('running');

    expect(story.event('moved', { phase: 'launch' }, { previous: { phase: 'uat' } }).view.state).toBe('launched');
  });

  it('goes on beginning a wait anew where the record confirms it', () => {
    const story = former();
    story.do({ verb: 'hold', by: story.actor('mia'), state: 'waiting', reason: 'legal' }).advance('9 working days');
    story.event('state', { state: 'waiting' }, { previous: { state: 'active' } });

    expect(story.advance('9 working days').chased('waiting_too_long')).toBe('');
  });

  it('goes on keeping what it said of a customer when a second flag is set', () => {
    const story = former();
    const flags = (['at_risk', 'health_dropped'] as const).map((name) => ({ name, since: story.now, reason: name }));
    const carriers = { at_risk: 'onb_1', health_dropped: 'onb_1' };
    for (const version of [1, 2])
      story.hear({ version, flags: flags.slice(0, version), carriers, others: [], handedOver: [] });

    expect(story.open('customer_at_risk')?.reason).toBe('at_risk');
  });

  it('goes on reading the date of a record for the instant of its completion', () => {
    const story = former().advance('1 days');
    const completedAt = story.now;
    story.event('state', { state: 'paused' }, { previous: { state: 'active' } }).advance('2 hours');
    story.event('state', { state: 'active' }, { previous: { state: 'paused' } }).advance('5 hours');

    expect(story.event('completed', { completedAt }).view.state).toBe('running');
  });

  it('goes on ordering what was said ahead of our clock by its receipt', () => {
    const story = former();
    const at = story.now + 3_600_000;
    const said = { source: 'pivotal', type: 'onboarding.phase_changed', kind: 'moved', previous: {} } as const;
    const first = { ...said, id: 'evt_first', at, heardAt: at, record: { phase: 'integration' } };
    const second = { ...said, id: 'evt_second', at: at - 30_000, heardAt: at - 30_000, record: { phase: 'uat' } };
    story.until(at);

    expect(story.facts({ ...second, saidAt: at + 30_000 }, first).view.phase).toBe('integration');
  });

  it('goes on showing a closed one as running', () => {
    const story = former().event('moved', { phase: 'launch' }).event('launched').advance('1 days');

    expect(story.do({ verb: 'close', by: story.actor('tom'), reason: 'deleted' }).view.state).toBe('running');
  });
});
