import { expect, it } from 'vitest';
import type { LogEntry } from '../../src/domain/onboarding/log.js';
import { currentDetails } from '../../src/workflows/details.js';
import { sendSummary } from '../../src/workflows/order.js';
import { officeWithout } from '../support/office-policy.js';
import { policyOf, Story } from '../support/story.js';

const WITH_MAIL = policyOf(
  officeWithout('no_activity').replace(
    'channels:\n  hook:',
    'channels:\n  mail: { type: email, smtp_url_env: SMTP_URL, from: "s@vendor.example" }\n  hook:',
  ),
);

it('writes no address into the Temporal UI, also of somebody whom the policy does not name', () => {
  const story = new Story(WITH_MAIL).event('created', { phase: 'kickoff', owner: 'zoe@vendor.example' });
  const entries: LogEntry[] = [];
  const summaries: string[] = [];
  story.answer = (send) => {
    const escalation = story.open();
    if (escalation) summaries.push(sendSummary({ do: 'send', escalation, send, text: '' }));
    return { outcome: 'sent' };
  };
  story.advance('5 working days');
  entries.push(...story.state.log);
  expect(story.chased()).toBe('zoe@vendor.example@1');
  expect(entries.some((one) => one.text.includes('zoe@vendor.example'))).toBe(true);

  const details = currentDetails(
    { ...story.view, workflow_id: 'onboarding/main/onb_1' },
    story.decision?.wake ?? null,
    entries,
    0,
  );

  expect(details).toContain('somebody');
  expect(details + summaries.join()).not.toContain('@');
  expect(summaries.join()).toContain('to somebody through mail');
});
