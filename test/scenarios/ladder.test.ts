import { describe, expect, it } from 'vitest';
import { officeWithout } from '../support/office-policy.js';
import { policyOf, Story } from '../support/story.js';

/** Stories of the stuck-phase ladder: Mia at once, Mia and Tom five working days later, Eva five after that, thrice more. */
const QUIET = policyOf(officeWithout('no_activity'));
const start = (policy = QUIET) =>
  new Story(policy).event('created', { phase: 'kickoff', owner: 'mia@vendor.example', name: 'Borealis · EU rollout' });

const dates = (story: Story, kind = 'notified') =>
  story.told
    .filter((one) => one.kind === kind)
    .map((one) => `${new Date(one.at).toISOString().slice(0, 16)} ${one.to}@${one.level}`);

describe('the ladder of a stuck phase', () => {
  it('chases the owner on time, then the manager too, then the sponsor, and repeats at the end', () => {
    const story = start().advance('60 days');

    expect(dates(story)).toEqual([
      '2026-11-09T08:00 mia@1',
      '2026-11-16T08:00 mia@2',
      '2026-11-16T08:00 tom@2',
      '2026-11-23T08:00 eva@3',
      '2026-11-25T08:00 eva@3',
      '2026-11-27T08:00 eva@3',
      '2026-12-01T08:00 eva@3',
    ]);
  });

  it('stops when the owner acknowledges, and tells programs so', () => {
    const story = start().advance('5 working days');
    const escalation = story.open();

    story
      .do({ verb: 'acknowledge', escalationId: escalation?.id ?? '', by: story.actor('mia'), forMs: 300 * 86_400_000 })
      .advance('60 days');

    expect(story.chased()).toBe('mia@1');
    expect(dates(story, 'acknowledged')).toEqual(['2026-11-09T08:00 mia@1']);
  });

  it('ends by itself when the phase moves, and keeps what was sent true', () => {
    const story = start()
      .advance('5 working days')
      .event('moved', { phase: 'integration' }, { previous: { phase: 'kickoff' } })
      .advance('10 days');

    expect(story.chased()).toBe('mia@1');
    expect(dates(story, 'resolved')).toEqual(['2026-11-09T08:00 mia@1']);
    expect(story.last('stuck_in_phase').resolved?.how).toBe('condition_ended');
  });

  it('says nothing at all when it ends before its first message left', () => {
    const story = start();
    story.answer = (_send, at) => ({ outcome: 'later', until: at + 3_600_000, reason: 'catching up' });
    story.advance('5 working days').event('moved', { phase: 'integration' });
    story.answer = () => ({ outcome: 'sent' });

    story.advance('5 days');

    expect(story.told).toEqual([]);
  });

  it('waits for the morning of whoever is chased', () => {
    const friday = Date.parse('2026-10-30T17:30:00Z');
    const story = new Story(QUIET, friday)
      .event('created', { phase: 'kickoff', owner: 'mia@vendor.example' })
      .advance('12 days');

    expect(story.told[0]?.at).toBe(Date.parse('2026-11-09T08:00:00Z'));
  });

  it('starts again at level 1 for a new owner in mid-ladder', () => {
    const story = start().advance('10 working days');
    expect(story.chased()).toBe('mia@1 mia@2 tom@2');

    story.event('record', { owner: 'ana@vendor.example' }).advance('5 working days');

    expect(story.chased()).toBe('mia@1 mia@2 tom@2 ana@1 ana@2 tom@2');
  });

  it('restarts for a new owner only once an acknowledge ends', () => {
    const story = start().advance('5 working days');
    story.do({ verb: 'acknowledge', escalationId: story.open()?.id ?? '', by: story.actor('mia') });
    story.event('record', { owner: 'ana@vendor.example' }).advance('2 working days');
    expect(story.chased()).toBe('mia@1');

    story.advance('1 working days');

    expect(story.chased()).toBe('mia@1 ana@1');
  });

  it('goes once more to whoever let an acknowledge expire, and then on', () => {
    const story = start().advance('5 working days');
    story.do({ verb: 'acknowledge', escalationId: story.open()?.id ?? '', by: story.actor('tom') });

    story.advance('3 working days');
    expect(story.chased()).toBe('mia@1 tom@1');
    story.advance('5 working days');

    expect(story.chased()).toBe('mia@1 tom@1 mia@2 tom@2');
  });

  it("goes to the level's own recipients when the one who acknowledged is no person here", () => {
    const story = start().advance('5 working days');
    story.do({ verb: 'acknowledge', escalationId: story.open()?.id ?? '', by: { id: 'someone', name: 'Someone' } });

    story.advance('3 working days');

    expect(story.chased()).toBe('mia@1 mia@1');
  });

  it('sleeps until the next working morning, and then asks again', () => {
    const story = start().advance('5 working days');
    story.do({
      verb: 'snooze',
      escalationId: story.open()?.id ?? '',
      by: story.actor('mia'),
      until: 'next_working_morning',
    });
    expect(story.view.escalations[0]?.snoozed_until).toBe('2026-11-10T08:00:00.000Z');

    story.advance('1 working days');

    expect(dates(story)).toEqual(['2026-11-09T08:00 mia@1', '2026-11-10T08:00 mia@1']);
  });

  it('follows a reassign whatever the record says later', () => {
    const story = start().advance('5 working days');
    const ana = story.actor('ana').person;
    if (!ana) throw new Error('ana is in the policy');
    story.do({ verb: 'reassign', escalationId: story.open()?.id ?? '', by: story.actor('tom'), to: ana });
    story.event('record', { owner: 'eva@vendor.example' }).advance('4 working days');

    expect(story.chased()).toBe('mia@1 ana@1');
  });

  it('climbs at once when a person asks for it', () => {
    const story = start().advance('5 working days');

    story.do({ verb: 'escalate', escalationId: story.open()?.id ?? '', by: story.actor('mia') });

    expect(story.chased()).toBe('mia@1 mia@2 tom@2');
  });

  it('never makes up for levels that fell into an outage', () => {
    const story = start().sleepThrough('2026-12-14T08:00:00Z');
    expect(story.chased()).toBe('mia@1');

    story.advance('4 working days');

    expect(story.chased()).toBe('mia@1');
  });
});

describe('people who cannot be reached', () => {
  const away = (delegate: string) =>
    QUIET_YAML.replace(
      'manager: tom, calendar: office',
      `manager: tom, calendar: office, time_off: [{ from: 2026-11-09, to: 2026-11-20${delegate} }]`,
    );
  const QUIET_YAML = officeWithout('no_activity');

  it('are represented by their delegate', () => {
    const story = start(policyOf(away(', delegate: ana'))).advance('5 working days');

    expect(story.chased()).toBe('ana@1');
    expect(story.told[0]?.text).toContain('You stand in for mia');
  });

  it('leave the level to the fallback when they are away without one', () => {
    const story = start(policyOf(away(''))).advance('5 working days');

    expect(story.chased()).toBe('ops@1!');
    expect(story.told[0]?.text).toContain('Nobody on level 1 can be reached');
  });

  it('leave it to the fallback when the record names no owner at all', () => {
    const story = new Story(QUIET).event('created', { phase: 'kickoff' }).advance('5 working days');

    expect(story.chased()).toBe('ops@1!');
  });

  it('are tried for two hours and four tries before the fallback hears of it, and the ladder goes on', () => {
    const story = start();
    story.answer = (send) =>
      send.recipient.id === 'mia'
        ? { outcome: 'failed', failure: 'UpstreamUnavailable', message: 'the receiver answered 503' }
        : { outcome: 'sent' };

    story.advance('5 working days').advance('1 hours');
    expect(story.told).toEqual([]);
    story.advance('3 hours');
    expect(story.chased()).toBe('ops@1!');
    expect(story.last('stuck_in_phase').sends[0]?.tries).toBeGreaterThanOrEqual(4);
    story.advance('5 working days');

    expect(story.chased()).toBe('ops@1! tom@2');
  });

  it('never get a message of test mode: the log alone does', () => {
    const story = new Story(QUIET, undefined, undefined, 'test')
      .event('created', { phase: 'kickoff', owner: 'mia@vendor.example' })
      .advance('10 working days');

    expect(new Set(story.told.map((one) => one.channel))).toEqual(new Set(['log']));
  });
});

describe('why', () => {
  it('shows the clock sum: what is used of the threshold, closed time and holds left out', () => {
    const story = start().advance('12 working hours').event('state', { state: 'waiting' }).advance('3 days');
    const stuck = story.decision?.why().find((reason) => reason.about === 'stuck_in_phase');
    expect(stuck?.text).toBe(
      'Its clock stands still while the onboarding is held; 12 h of working time used of 5 working days.',
    );

    story.event('state', { state: 'active' });

    const running = story.decision?.why().find((reason) => reason.about === 'stuck_in_phase');
    expect(running?.text).toContain('; 12 h of working time used of 5 working days.');
    expect(running?.fires).toBe(false);
  });
});
