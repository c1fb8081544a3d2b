import { describe, expect, it } from 'vitest';
import { OFFICE, officeWithout } from '../support/office-policy.js';
import { policyOf, Story } from '../support/story.js';

/** Who is chased when people, and what the policy says of them, change while a ladder is open. */
const QUIET_TEXT = officeWithout('no_activity');
const QUIET = policyOf(QUIET_TEXT);
const FRIDAY_1650 = '2026-11-06T15:50:00Z';
const MONDAY_9 = '2026-11-09T08:00:00Z';

const miaAway = (spells: string, text = QUIET_TEXT) =>
  policyOf(text.replace('channels: [hook] }', `channels: [hook], time_off: [${spells}] }`));
const start = (policy = QUIET, at?: number) =>
  new Story(policy, at).event('created', { phase: 'kickoff', owner: 'mia@vendor.example' });
const when = (story: Story) =>
  story.told
    .filter((one) => one.kind === 'notified')
    .map((one) => `${new Date(one.at).toISOString().slice(0, 16)} ${one.to}@${one.level}${one.fallback ? '!' : ''}`);
describe('a chase that waits', () => {
  it('goes to the delegate where its recipient is away by the time it can leave', () => {
    const story = start(
      miaAway('{ from: 2026-11-09, to: 2026-11-13, delegate: ana }'),
      Date.parse('2026-10-30T15:50:00Z'),
    );
    story.answer = (_send, at) => ({
      outcome: 'later',
      until: Math.max(at + 60_000, Date.parse(MONDAY_9)),
      reason: 'catching up',
    });
    story.until(FRIDAY_1650);
    story.answer = () => ({ outcome: 'sent' });

    story.until('2026-11-09T12:00:00Z');

    expect(when(story)).toEqual(['2026-11-09T08:00 ana@1']);
    expect(story.last('stuck_in_phase').sends.map((one) => one.status)).toContain('withdrawn');
  });

  it('goes to the fallback where nobody stands in', () => {
    const story = start(QUIET, Date.parse('2026-10-30T15:50:00Z'));
    story.answer = () => ({ outcome: 'later', until: Date.parse(MONDAY_9), reason: 'catching up' });
    story.until(FRIDAY_1650);
    story.answer = () => ({ outcome: 'sent' });
    story.publish(miaAway('{ from: 2026-11-09, to: 2026-11-20 }'));

    story.until('2026-11-09T12:00:00Z');

    expect(when(story)).toEqual(['2026-11-09T08:00 ops@1!']);
  });

  it('stays with whoever is there', () => {
    const story = start();
    let tries = 0;
    story.answer = (_send, at) =>
      ++tries < 3 ? { outcome: 'later', until: at + 60_000, reason: 'catching up' } : { outcome: 'sent' };

    story.advance('5 working days').advance('1 working hours');

    expect(story.chased()).toBe('mia@1');
  });
});

describe('a chase whose recipient went away', () => {
  /** Mia's chase of Monday the 9th waits for `until`, and the policy changes meanwhile. */
  const held = (until: string, meanwhile: ReturnType<typeof policyOf>) => {
    const story = start(QUIET);
    story.answer = () => ({ outcome: 'later', until: Date.parse(until), reason: 'catching up' });
    story.advance('5 working days').publish(meanwhile);
    story.answer = () => ({ outcome: 'sent' });
    return story;
  };

  it('is waited for over a short absence', () => {
    const story = held('2026-11-10T08:00:00Z', miaAway('{ from: 2026-11-10, to: 2026-11-10 }'));

    expect(when(story.until('2026-11-12T08:00:00Z'))).toEqual(['2026-11-11T08:00 mia@1']);
  });

  it('is asked about when it can leave, and not before', () => {
    const story = held('2026-11-09T09:00:00Z', miaAway('{ from: 2026-11-10, to: 2026-11-10, delegate: ana }'));
    story.event('state', { state: 'paused' }).until('2026-11-10T15:30:00Z').event('state', { state: 'active' });

    expect(when(story.until('2026-11-11T12:00:00Z'))[0]).toBe('2026-11-11T08:30 mia@1');
  });

  it('goes to the fallback where whoever stands in cannot be reached either', () => {
    const story = held('2026-11-10T08:00:00Z', miaAway('{ from: 2026-11-10, to: 2026-11-20, delegate: ana }'));
    story.answer = (send) =>
      send.recipient.id === 'ana'
        ? { outcome: 'failed', failure: 'ChannelUnavailable', message: 'down' }
        : { outcome: 'sent' };

    story.until('2026-11-11T12:00:00Z');

    expect(story.chased()).toBe('ops@1!');
  });

  it("goes to the level's own people before the fallback, where it waited for one who acknowledged", () => {
    const story = start().advance('5 working days');
    const forMs = Date.parse('2026-11-13T19:00:00Z') - story.now;
    story.do({ verb: 'acknowledge', escalationId: story.open()?.id ?? '', by: story.actor('ana'), forMs });
    story.until('2026-11-14T08:00:00Z');
    const ana = 'emails: [ana@vendor.example], manager: tom, calendar: office, channels: [hook]';
    story.publish(policyOf(QUIET_TEXT.replace(ana, `${ana}, time_off: [{ from: 2026-11-16, to: 2026-11-27 }]`)));

    story.until('2026-11-16T09:00:00Z');

    expect(when(story)).toEqual(['2026-11-09T08:00 mia@1', '2026-11-16T08:00 mia@1']);
  });
});

describe('time off', () => {
  it('that follows on time off is one absence: too long to be waited for, it goes to the fallback', () => {
    const policy = miaAway('{ from: 2026-11-09, to: 2026-11-09 }, { from: 2026-11-10, to: 2026-11-12 }');

    expect(when(start(policy).until('2026-11-10T12:00:00Z'))).toEqual(['2026-11-09T08:00 ops@1!']);
  });

  it('that is short is waited out, the next working day of it too', () => {
    const policy = miaAway('{ from: 2026-11-09, to: 2026-11-09 }');

    expect(when(start(policy).until('2026-11-10T12:00:00Z'))).toEqual(['2026-11-10T08:00 mia@1']);
  });

  it('whose second spell has a delegate goes to that one', () => {
    const policy = miaAway('{ from: 2026-11-09, to: 2026-11-09 }, { from: 2026-11-10, to: 2026-11-12, delegate: ana }');

    expect(start(policy).until('2026-11-10T12:00:00Z').chased()).toBe('ana@1');
  });
});

describe('a level that is repeated', () => {
  const REPEATS = policyOf(
    QUIET_TEXT.replace(
      /nudge:[\s\S]*?\n {2}urgent:/,
      'nudge:\n    - { after: 0 minutes, to: [owner, manager], repeat: { every: 1 working day, times: 3 } }\n  urgent:',
    ).replace(
      'emails: [tom@vendor.example], calendar: office, channels: [hook] }',
      'emails: [tom@vendor.example], calendar: office, channels: [hook], time_off: [{ from: 2026-11-09, to: 2026-11-09 }] }',
    ),
  );

  it('replaces what of the round before still waits: nobody hears it twice at once', () => {
    const story = start(REPEATS).until('2026-11-10T12:00:00Z');

    expect(when(story)).toEqual(['2026-11-09T08:00 mia@1', '2026-11-10T08:00 mia@1', '2026-11-10T08:00 tom@1']);
  });
});

describe('a last level that is repeated because a person asks for more', () => {
  it('takes nothing from those on the levels below who wait for their morning', () => {
    const record = { phase: 'kickoff', owner: 'mia@vendor.example' };
    const story = new Story(QUIET, Date.parse('2026-11-06T17:00:00Z')).event('at_risk', record);
    const id = story.open('at_risk')?.id ?? '';
    for (let n = 0; n < 3; n++) story.do({ verb: 'escalate', escalationId: id, by: story.actor('tom') });

    story.until('2026-11-09T08:30:00Z');

    expect(story.chased('at_risk').split(' ').sort()).toEqual(['eva@3', 'mia@1', 'tom@2']);
  });
});

describe('an owner whom the policy names no more', () => {
  it('is no longer chased: the level starts again and goes to the fallback', () => {
    const story = new Story(QUIET).event('created', { phase: 'kickoff', owner: 'usr_17' }).advance('5 working days');
    expect(story.chased()).toBe('mia@1');

    story.publish(policyOf(QUIET_TEXT.replace(/^ {2}- \{ id: mia,.*\n/m, ''))).advance('1 working hours');

    expect(story.chased()).toBe('mia@1 ops@1!');
  });
});

describe('somebody an escalation was given to', () => {
  it('is chased as the policy knows them now', () => {
    const story = start().advance('5 working days');
    const { person } = story.actor('ana');
    if (!person) throw new Error('Ana is in the policy.');
    story.do({ verb: 'reassign', escalationId: story.open()?.id ?? '', by: story.actor('tom'), to: person });
    expect(story.chased()).toBe('mia@1 ana@1');

    story.publish(
      policyOf(
        QUIET_TEXT.replace('emails: [ana@vendor.example], manager: tom', 'emails: [ana@vendor.example], manager: eva'),
      ),
    );
    story.advance('5 working days');

    expect(story.chased()).toBe('mia@1 ana@1 ana@2 eva@2');
  });
});

describe('somebody who acknowledged and whom nothing else names', () => {
  const NEW_YORK = OFFICE.replace(
    '  always:',
    '  us: { time_zone: America/New_York, hours: { mon-fri: "09:00-17:00" } }\n  always:',
  )
    .replace(
      '  - { id: ops,',
      '  - { id: sam, name: Sam Lee, emails: [sam@vendor.example], calendar: us, channels: [hook] }\n  - { id: ops,',
    )
    .replace(/^ {2}no_activity:.*$/m, '  no_activity: off');

  it('is asked again in their own hours when it expires', () => {
    const story = start(policyOf(NEW_YORK)).advance('5 working days');
    story.do({ verb: 'acknowledge', escalationId: story.open()?.id ?? '', by: story.actor('sam') });
    expect(story.state.policyNames).toContain('sam');

    story.until('2026-11-12T20:00:00Z');

    expect(when(story)).toEqual(['2026-11-09T08:00 mia@1', '2026-11-12T14:00 sam@1']);
  });
});

describe('a ladder', () => {
  it('that is renamed goes on under the name its rule has now', () => {
    // `nudge` itself is always there: it ships.
    const under = (name: string) =>
      policyOf(QUIET_TEXT.replaceAll('ladder: nudge', `ladder: ${name}`).replace('  nudge:', `  ${name}:`));
    const story = start(under('ours')).advance('5 working days');
    story.publish(under('gentle'));

    story.advance('5 working days');

    expect(story.chased()).toBe('mia@1 mia@2 tom@2');
  });

  it('does not start again because its owner, chased by address, is named in the policy', () => {
    const nobody = policyOf(QUIET_TEXT.replace('emails: [eva@vendor.example]', 'emails: [eva.lund@vendor.example]'));
    const email = (text: string) =>
      text.replace(
        'channels:\n  hook:',
        'channels:\n  mail: { type: email, smtp_url_env: SMTP_URL, from: "s@vendor.example" }\n  hook:',
      );
    const story = new Story(
      policyOf(email(QUIET_TEXT).replace('emails: [eva@vendor.example]', 'emails: [eva.lund@vendor.example]')),
    )
      .event('created', { phase: 'kickoff', owner: 'eva@vendor.example' })
      .advance('5 working days');
    expect(nobody.people.some((one) => one.emails.includes('eva@vendor.example'))).toBe(false);
    expect(story.chased()).toBe('eva@vendor.example@1');

    story.publish(policyOf(email(QUIET_TEXT))).advance('1 working days');

    expect(story.chased()).toBe('eva@vendor.example@1');
    expect(story.open()).toMatchObject({ level: 1, round: 0 });
  });
});

describe('a target date', () => {
  it("ends with the day of the workspace's zone, whatever zone its calendar has", () => {
    const LOS_ANGELES = QUIET_TEXT.replace(
      'time_zone: Europe/Berlin, calendar',
      'time_zone: America/Los_Angeles, calendar',
    );
    const opened = (text: string) => {
      const story = new Story(policyOf(text)).event('created', {
        phase: 'adoption',
        owner: 'mia@vendor.example',
        target: '2026-11-04',
      });
      return story.until('2026-11-06T20:00:00Z').last('target_passed').openedAt;
    };

    expect(new Date(opened(LOS_ANGELES)).toISOString()).toBe('2026-11-05T08:00:00.000Z');
    expect(new Date(opened(QUIET_TEXT)).toISOString()).toBe('2026-11-04T23:00:00.000Z');
  });
});

describe('notes', () => {
  it('are kept in the state up to twenty, the latest ones', () => {
    const story = start().advance('5 working days');
    const id = story.open()?.id ?? '';
    const before = story.effects.filter((one) => one === 'project').length;
    for (let n = 1; n <= 25; n++) {
      story.now += 1_000;
      story.do({ verb: 'note', escalationId: id, by: story.actor('mia'), note: `note ${n}` });
    }

    // Each is in the lists at once, also where as many as are kept were there before.
    expect(story.effects.filter((one) => one === 'project').length - before).toBe(25);
    expect(story.open()?.notes.map((one) => one.text)).toEqual(Array.from({ length: 20 }, (_, n) => `note ${n + 6}`));
  });
});
