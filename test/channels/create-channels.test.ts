import { afterEach, describe, expect, it } from 'vitest';
import { createChannels, type ChannelSet } from '../../src/channels/create-channels.js';
import { SILENT } from '../../src/contracts/observer.js';
import type { ChannelSettings } from '../../src/domain/policy/policy-file.js';
import { createOutbound } from '../../src/outbound/post.js';
import { messageOf } from './message.js';

const SECRET = `whsec_${Buffer.from('a secret for the ops hook').toString('base64')}`;
const HOOK: ChannelSettings = { type: 'webhook', url: 'https://ops.example/hook', secretEnv: 'OPS_HOOK_SECRET' };
const EMAIL: ChannelSettings = { type: 'email', smtpUrlEnv: 'SMTP_URL', from: 'Slipway <slipway@vendor.example>' };

describe('the channels of a policy', () => {
  const outbound = createOutbound({ allowPrivate: false });
  let set: ChannelSet;
  afterEach(async () => {
    await set.close();
    await outbound.close();
  });

  const create = (settings: Record<string, ChannelSettings>, environment: Record<string, string> = {}): ChannelSet => {
    set = createChannels(settings, (name) => environment[name], { outbound, observer: SILENT });
    return set;
  };

  it('always hold the log', () => {
    expect([...create({}).channels.values()]).toMatchObject([{ name: 'log', type: 'log' }]);
  });

  it('are ready where every secret is there', () => {
    const { channels, problems } = create(
      { hook: HOOK, email: EMAIL },
      { OPS_HOOK_SECRET: SECRET, SMTP_URL: 'smtp://mail.example' },
    );

    expect(problems).toEqual([]);
    expect([...channels.values()].map(({ type }) => type)).toEqual(['log', 'webhook', 'email']);
  });

  it.each([
    ['hook', HOOK, {}, 'Channel hook cannot send: OPS_HOOK_SECRET is not set in the environment.'],
    [
      'hook',
      HOOK,
      { OPS_HOOK_SECRET: ' ' },
      'Channel hook cannot send: OPS_HOOK_SECRET is not set in the environment.',
    ],
    ['hook', HOOK, { OPS_HOOK_SECRET: 'hunter2' }, /OPS_HOOK_SECRET is malformed/],
    ['email', EMAIL, {}, 'Channel email cannot send: SMTP_URL is not set in the environment.'],
    ['email', EMAIL, { SMTP_URL: 'https://hunter2@mail.example' }, /SMTP_URL is not an smtp/],
    ['email', { ...EMAIL, from: 'Slipway' }, { SMTP_URL: 'smtp://hunter2@mail.example' }, /from is no e-mail address/],
  ] as const)(
    'say what is wrong with %s, and its sends fail with that',
    async (name, settings, environment, problem) => {
      const { channels, problems } = create({ [name]: settings }, environment);

      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(problem);
      expect(problems[0]).not.toContain('hunter2');
      await expect(channels.get(name)?.send(messageOf(), new AbortController().signal)).rejects.toMatchObject({
        word: 'InvalidConfig',
        message: problems[0],
      });
    },
  );
});
