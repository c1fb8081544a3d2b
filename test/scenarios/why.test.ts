import { describe, expect, it } from 'vitest';
import type { CustomerStanding } from '../../src/domain/customer/standing.js';
import type { Reason } from '../../src/domain/decision.js';
import { reconcile } from '../../src/domain/reconcile.js';
import { officeWithout } from '../support/office-policy.js';
import { policyOf, Story } from '../support/story.js';

/** What `why` says beside the arithmetic of the rules. */
const QUIET = policyOf(officeWithout('no_activity'));
const start = () =>
  new Story(QUIET).event('created', {
    phase: 'kickoff',
    state: 'active',
    owner: 'mia@vendor.example',
    customerId: 'cus_1',
  });

/** Asked as `slipway why` asks: of the state, at the instant. */
function lines({ state, policy, now }: Story, about: Reason['about']): readonly string[] {
  return reconcile(state, policy, now)
    .why()
    .filter((reason) => reason.about === about)
    .map(({ text }) => text);
}

const churned = (since: number, carrier: string): CustomerStanding => ({
  version: 1,
  flags: [{ name: 'churned', since, reason: 'Customer churned' }],
  carriers: { churned: carrier },
  others: [],
  handedOver: [],
});

describe('a hold, asked why', () => {
  it('is told with whoever declared it, since when, until when, and by what it ends', () => {
    const story = start().event('state', { state: 'waiting' }).advance('1 working days');
    const until = story.now + 7 * 86_400_000;
    story.do({ verb: 'hold', by: story.actor('tom'), state: 'paused', until, reason: 'Christmas' });

    expect(lines(story, 'hold')).toEqual([
      'Waiting since Mon 2 Nov 09:00 Berlin, as its record says, until the record says something else.',
      'Paused since Tue 3 Nov 09:00 Berlin by Tom Reyes (Christmas), until Tue 10 Nov 09:00 Berlin, or somebody releases it or its record moves on.',
    ]);
  });

  it('that has no end says what ends it, and one that is over says nothing', () => {
    const story = start();
    story.do({ verb: 'hold', by: story.actor('tom'), state: 'blocked', reason: 'no contract' });
    expect(lines(story, 'hold')).toEqual([
      'Blocked since Mon 2 Nov 09:00 Berlin by Tom Reyes (no contract), until somebody releases it or its record moves on.',
    ]);

    story.advance('1 working days').do({ verb: 'release', by: story.actor('mia') });

    expect(lines(story, 'hold')).toEqual([]);
  });

  it('is told of a customer who is lost, with the word that said so', () => {
    const story = start();
    story.hear(churned(story.now, 'onb_1'));

    expect(lines(story, 'hold')).toEqual([
      'Held since Mon 2 Nov 09:00 Berlin by its customer (Customer churned), until that is over or its record becomes active or moves on.',
    ]);
  });
});

describe("a customer's flag, asked why", () => {
  it('names the onboarding that carries it, in no more than the answer to why', () => {
    const story = start();
    story.hear(churned(story.now, 'onb_1')).advance('1 working days');
    story.hear({ ...churned(story.now, 'onb_7'), version: 2 });

    expect(lines(story, 'customer_churned')).toEqual(['Another onboarding of the customer carries it. It is onb_7.']);
    expect(story.last('customer_churned').resolved?.reason).toBe('another onboarding of the customer carries it');
  });
});

describe('a message that has not left, asked why', () => {
  const atRisk = (story: Story) => story.event('at_risk', { phase: 'kickoff' });

  it('waits for the morning of its recipient', () => {
    const story = start().until('2026-11-02T19:00:00Z');

    expect(lines(atRisk(story), 'at_risk')[0]).toContain(
      ' Level 1 to Mia Park by hook has not left: its recipient is away or outside working hours, and it leaves Tue 3 Nov 09:00 Berlin.',
    );
  });

  it('waits for the hours of the workspace where its recipient is an address or a channel', () => {
    const mail = 'mail: { type: email, smtp_url_env: SMTP_URL, from: "s@vendor.example" }';
    const policy = policyOf(
      officeWithout('no_activity')
        .replace('channels:\n', `channels:\n  ${mail}\n`)
        .replaceAll('to: [owner] }', 'to: [owner, hook] }'),
    );
    const story = new Story(policy).event('created', { phase: 'kickoff', owner: 'zoe@vendor.example' });

    const [text] = lines(atRisk(story.until('2026-11-02T19:00:00Z')), 'at_risk');

    const outside = 'its recipient is away or outside working hours, and it leaves Tue 3 Nov 09:00 Berlin.';
    expect(text).toContain(` Level 1 to zoe@vendor.example by mail has not left: ${outside}`);
    expect(text).toContain(` Level 1 to hook by hook has not left: ${outside}`);
  });

  it('waits while events may be missing, as the gate has it', () => {
    const story = start();
    story.answer = () => ({ outcome: 'later', until: story.now + 1_800_000, reason: 'a silence' });

    expect(lines(atRisk(story), 'at_risk')[0]).toContain(
      'events may still be missing or a burst still settles, and it leaves Mon 2 Nov 09:30 Berlin at the earliest.',
    );
  });

  it('failed, and is tried again', () => {
    const story = start();
    story.answer = () => ({ outcome: 'failed', failure: 'Refused', message: 'The host said 503.' });

    expect(lines(atRisk(story), 'at_risk')[0]).toMatch(
      /has not left: try 1 failed \(Refused: The host said 503\), and it is tried again Mon 2 Nov 09:00 Berlin\.$/,
    );
  });

  it('waits for the end of a pause', () => {
    const story = atRisk(start().until('2026-11-02T19:00:00Z'));
    story.do({ verb: 'hold', by: story.actor('tom'), state: 'paused', reason: 'Christmas' });

    expect(lines(story, 'at_risk')[0]).toContain(' has not left: the onboarding is held.');

    story.until('2026-11-03T09:00:00Z').do({ verb: 'release', by: story.actor('tom') });
    expect(lines(story, 'at_risk')[0]).toContain(
      ' has not left: it rests for a working hour after the hold, or waits for the morning, and leaves Tue 3 Nov 11:00 Berlin.',
    );
  });

  it('is no more once it has arrived, or somebody has acknowledged', () => {
    expect(lines(atRisk(start()), 'at_risk')[0]).not.toContain('Mia Park');

    const late = atRisk(start().until('2026-11-02T19:00:00Z'));
    const id = late.last('at_risk').id;
    late.do({ verb: 'acknowledge', by: late.actor('mia'), escalationId: id });

    expect(lines(late, 'at_risk')[0]).not.toContain('has not left');
  });
});

describe('the end of a life, asked why', () => {
  it('is told with who closed it, or until when it listens', () => {
    const completed = start().event('completed', { state: 'completed' });
    expect(lines(completed, 'life')).toEqual(['Completed; closes Wed 2 Dec 09:00 Berlin unless it is sent back.']);

    completed.until('2026-12-03T12:00:00Z');
    expect(lines(completed, 'life')).toEqual([
      'Completed, and closed: nothing sent it back until Wed 2 Dec 09:00 Berlin.',
    ]);

    const closed = start();
    closed.do({ verb: 'hold', by: closed.actor('tom'), state: 'paused', reason: 'Christmas' });
    closed.do({ verb: 'close', by: closed.actor('tom'), reason: 'no deal' });
    expect(lines(closed, 'hold')).toEqual([]);
    expect(lines(closed, 'life')).toEqual(['Closed Mon 2 Nov 09:00 Berlin by Tom Reyes (no deal).']);
    expect(lines(start(), 'life')).toEqual([]);
  });
});
