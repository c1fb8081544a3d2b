import { describe, expect, it } from 'vitest';
import { policyWarnings } from '../../src/main/policy-warnings.js';
import { StatesSeen } from '../../src/main/states-seen.js';
import { loadPolicy } from '../../src/policy-file/load.js';
import type { Meta } from '../../src/store/meta.js';
import { FULL_POLICY, NOW } from '../policy-file/policies.js';

function fileOf(text: string) {
  const loaded = loadPolicy(text, NOW);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
  return loaded.file;
}

const NO_STATES = { unmapped: () => [] };
const warned = (text: string) => policyWarnings(fileOf(text), NO_STATES);
const seen = async (...states: string[]) => {
  const kept = await StatesSeen.load({ get: () => Promise.resolve(states) } as unknown as Meta);
  return policyWarnings(fileOf(QUIET), kept);
};

const MIA = 'people: [{ id: mia, emails: [mia@vendor.example] }, { id: desk }]\n';
const HOOK = 'channels: { hook: { type: webhook, url: "https://ops.example/hook", secret_env: X } }\n';
const MAIL = 'channels: { mail: { type: email, smtp_url_env: SMTP_URL, from: slipway@vendor.example } }\n';

const QUIET = FULL_POLICY.replace('{ id: desk }', '{ id: desk, channels: [hook] }');

describe('people whom lines of the log alone tell', () => {
  it('are everybody where there is no other channel, whatever addresses people have', () => {
    expect(warned('')).toEqual([expect.stringMatching(/^Nobody is reached: .* no channel but `log`/)]);
    expect(warned(MIA)).toEqual([expect.stringMatching(/^Nobody is reached: /)]);
  });

  it('are named where others are reached', () => {
    expect(warned(MIA + HOOK)).toEqual([expect.stringContaining('alone tell mia, desk, and count as sent')]);
    expect(warned(MIA + MAIL)).toEqual([expect.stringContaining('alone tell desk, and count as sent')]);
  });

  it('are none that the file itself sent to the log, or whom every level names a channel for', () => {
    const chosen = 'people: [{ id: mia, channels: [hook] }, { id: desk, channels: [log] }]\n';
    const ladder = '[{ after: 0 minutes, to: [owner], channels: [hook] }]';

    expect(warned(chosen + HOOK)).toEqual([]);
    expect(warned(`${MIA + HOOK}ladders: { nudge: ${ladder}, urgent: ${ladder} }\n`)).toEqual([]);
  });

  it('are nobody where no source is live: test onboardings reach the log alone by design', () => {
    expect(warned('sources: { sandbox: { mode: test, secret_env: X } }\n')).toEqual([]);
  });

  it('keep quiet about a policy that reaches all of its people', () => {
    expect(warned(FULL_POLICY)).toEqual([expect.stringContaining('alone tell desk')]);
    expect(warned(QUIET)).toEqual([]);
  });
});

describe('a state of records that the policy does not map', () => {
  it('is named in a warning, with what to write', async () => {
    expect(await seen('in_review', 'parked')).toEqual([
      expect.stringMatching(
        /count as running: `in_review`, `parked`\. Write .* under `states:`, such as `in_review: paused`\.$/,
      ),
    ]);
  });

  it('is none where the policy or Pivotal itself says what it means', async () => {
    expect(await seen('on_hold', 'cancelled', 'paused', 'done')).toEqual([]);
  });

  it('is cut, and one of many counted, so that a sender cannot fill a page', async () => {
    const many = Array.from({ length: 100 }, (_, i) => `${i} ${'x'.repeat(3000)}`);

    const [told] = await seen(...many);

    expect(told).toContain(' and 95 more.');
    expect(told?.length).toBeLessThan(600);
  });
});
