import { describe, expect, it } from 'vitest';
import { officeWithout } from '../support/office-policy.js';
import { policyOf, Story } from '../support/story.js';

/** What a program that was told of an escalation is told of what people then do about it, within one round. */
const QUIET = policyOf(officeWithout('no_activity'));
const start = () =>
  new Story(QUIET)
    .event('created', { phase: 'kickoff', owner: 'mia@vendor.example', state: 'active' })
    .advance('5 working days');
const id = (story: Story) => story.open()?.id ?? '';
const acknowledge = (story: Story, by = 'mia') =>
  story
    .advance('1 hours')
    .do({ verb: 'acknowledge', escalationId: id(story), by: story.actor(by), forMs: 9 * 86_400_000 });
const snooze = (story: Story) =>
  story
    .advance('1 hours')
    .do({ verb: 'snooze', escalationId: id(story), by: story.actor('mia'), until: { forMs: 9 * 86_400_000 } });
const heard = (story: Story) => story.told.filter((one) => one.kind !== 'notified').map((one) => one.kind);
const keys = (story: Story) =>
  story
    .open()
    ?.sends.filter((one) => one.kind !== 'notified')
    .map((one) => one.key.replace(`${id(story)}/`, ''));
const failed = { outcome: 'failed', failure: 'UpstreamUnavailable', message: '503' } as const;

describe('a program', () => {
  it('hears of every change once, also of one that there was before', () => {
    const story = acknowledge(snooze(acknowledge(snooze(acknowledge(start()))))).advance('2 working days');

    expect(heard(story)).toEqual(['acknowledged', 'snoozed', 'acknowledged', 'snoozed', 'acknowledged']);
  });

  it('hears that somebody else acknowledged it, or the same person for longer', () => {
    const story = acknowledge(acknowledge(acknowledge(start()), 'tom'), 'tom').advance('2 working days');

    expect(heard(story)).toEqual(['acknowledged', 'acknowledged', 'acknowledged']);
    expect(story.told.at(-1)?.text).toContain('acknowledged by Tom Reyes');
  });

  it('gets the first under the plain key, and one more by the instant of the change', () => {
    const story = acknowledge(snooze(acknowledge(start())));
    const at = story.open()?.acknowledged?.at;

    expect(keys(story)).toEqual([
      'acknowledged/1/0/hook/mia',
      'snoozed/1/0/hook/mia',
      `acknowledged/1/0.${at}/hook/mia`,
    ]);
  });

  it('gets one that fails again and again under one key', () => {
    const story = acknowledge(snooze(acknowledge(start())));
    const tried = new Set<string>();
    story.answer = (send) => {
      tried.add(send.key);
      return failed;
    };

    acknowledge(story, 'tom').advance('1 hours');

    expect(tried.size).toBe(1);
    expect(story.open()?.sends.at(-1)?.tries).toBeGreaterThan(2);
  });

  it('is not told late of a change that another one has overtaken', () => {
    const story = start();
    story.answer = () => failed;
    acknowledge(story);
    story.answer = () => ({ outcome: 'sent' });

    story.now += 1_000;
    story.do({ verb: 'acknowledge', escalationId: id(story), by: story.actor('tom') }).advance('1 working hours');

    expect(heard(story)).toEqual(['acknowledged']);
    expect(story.told.at(-1)?.text).toContain('acknowledged by Tom Reyes');
  });

  it('is not told again of an acknowledge that a former core told', () => {
    const story = start();
    story.state = { ...story.state, core: 2 };
    acknowledge(story);
    story.state = { ...story.state, core: 3 };

    story.event('task').advance('1 working days');

    expect(heard(story)).toEqual(['acknowledged']);
  });
});
