import { describe, expect, it } from 'vitest';
import type { SendResult } from '../../src/domain/escalation/send-result.js';
import { officeWithout } from '../support/office-policy.js';
import { policyOf, Story } from '../support/story.js';

/** Level 1 is Mia's and Sam's. Sam is not in for a week, and Tom, on level 2, is asked again every day meanwhile. */
const QUIET = officeWithout('no_activity')
  .replace(
    /nudge:\n(.*\n){3}/,
    `nudge:
    - { after: 0 minutes, to: [owner, se] }
    - { after: 1 working day, to: [manager], repeat: { every: 1 working day, times: 3 } }
`,
  )
  .replace(
    '  always:',
    '  part_time: { time_zone: Europe/Berlin, hours: { mon-fri: "09:00-17:00" }, closed: ["2026-11-09", "2026-11-10", "2026-11-11", "2026-11-12", "2026-11-13"] }\n  always:',
  )
  .replace(
    '  - { id: ops,',
    '  - { id: sam, name: Sam Lee, emails: [sam@vendor.example], calendar: part_time, channels: [hook] }\n  - { id: ops,',
  );
const SAM_IS_IN = '2026-11-16T08:00:00Z';

const start = () =>
  new Story(policyOf(QUIET)).event('created', {
    phase: 'kickoff',
    owner: 'mia@vendor.example',
    se: 'sam@vendor.example',
  });
const toSam = (story: Story) =>
  story.told
    .filter((one) => one.to === 'sam')
    .map((one) => `${new Date(one.at).toISOString().slice(0, 16)} ${one.kind}`);

/** What becomes of the first call to Sam; the second arrives. */
const hitch = (story: Story, becomes: (at: number) => SendResult) => {
  let calls = 0;
  story.answer = ({ recipient, kind }, at) =>
    recipient.id === 'sam' && kind === 'notified' && ++calls === 1 ? becomes(at) : { outcome: 'sent' };
  return story;
};

describe('a chase of a lower level that waits while a higher one is repeated', () => {
  it('leaves when it can', () => {
    const story = start().until(SAM_IS_IN);

    expect(story.chased()).toBe('mia@1 tom@2 tom@2 tom@2 tom@2 sam@1');
  });

  it('is asked for again when the gate held it', () => {
    const story = hitch(start(), (at) => ({ outcome: 'later', until: at + 60_000, reason: 'catching up' }));

    expect(toSam(story.until('2026-11-16T12:00:00Z'))).toEqual(['2026-11-16T08:01 notified']);
  });

  it('is tried again when a call failed', () => {
    const story = hitch(start(), () => ({ outcome: 'failed', failure: 'UpstreamUnavailable', message: '503' }));

    expect(toSam(story.until('2026-11-16T12:00:00Z'))).toEqual(['2026-11-16T08:00 notified']);
    expect(story.last('stuck_in_phase').sends.find((one) => one.recipient.id === 'sam')?.tries).toBe(2);
  });

  it('is not called off by what is decided during its call', () => {
    const story = start();
    story.answer = ({ recipient }) => {
      if (recipient.id === 'sam') story.event('task');
      return { outcome: 'sent' };
    };

    expect(toSam(story.until(SAM_IS_IN))).toEqual(['2026-11-16T08:00 notified']);
    expect(story.effects).not.toContain('cancel');
  });

  it('is called off by an acknowledge that comes during its call, and not taken up where that ends before the call', () => {
    const story = start();
    hitch(story, (at) => {
      const escalationId = story.open()?.id ?? '';
      story.do({ verb: 'acknowledge', escalationId, by: story.actor('tom'), forMs: 1_000 }).until(at + 2_000);
      return { outcome: 'failed', failure: 'UpstreamUnavailable', message: '503' };
    });

    story.until(SAM_IS_IN).advance('10 working days');

    expect(story.effects).toContain('cancel');
    expect(story.chased()).toBe('mia@1 tom@2 tom@2 tom@2 tom@2 tom@2');
  });

  it('is called off by a restart that comes during its call, also where the ladder has climbed again by then', () => {
    const story = start();
    hitch(story, (at) => {
      story.event('record', { owner: 'ana@vendor.example', se: 'eva@vendor.example' });
      story.do({ verb: 'escalate', escalationId: story.open()?.id ?? '', by: story.actor('tom') });
      return { outcome: 'later', until: at + 60_000, reason: 'catching up' };
    });

    story.until(SAM_IS_IN).advance('2 hours');

    expect(story.effects).toContain('cancel');
    expect(toSam(story)).toEqual([]);
    expect(story.chased()).toBe('mia@1 tom@2 tom@2 tom@2 tom@2 ana@1 eva@1 tom@2');
  });
});

describe('a chase whose own level is repeated during its call', () => {
  it('is replaced, so that nobody hears it twice at once', () => {
    const story = start();
    let calls = 0;
    story.answer = ({ recipient }) => {
      if (recipient.id !== 'tom' || ++calls > 1) return { outcome: 'sent' };
      story.do({ verb: 'escalate', escalationId: story.open()?.id ?? '', by: story.actor('eva') });
      return { outcome: 'failed', failure: 'UpstreamUnavailable', message: '503' };
    };

    story.until('2026-11-10T12:00:00Z');

    expect(story.chased()).toBe('mia@1 tom@2');
  });
});
