import { z } from 'zod';
import { didYouMean } from './did-you-mean.js';
import { section } from './section.js';
import { duration, label, name, secretName, someText, webAddress } from './words.js';

const sender = someText('Sender, such as `Slipway <slipway@vendor.example>`.').regex(
  /^[^<>@]*<[^\s@<>]+@[^\s@<>]+>$|^[^\s@<>]+@[^\s@<>]+$/,
  {
    error: 'is not a sender: write an address, or a name and an address like "Slipway <slipway@vendor.example>"',
  },
);

const log = section({ type: z.literal('log').meta({ description: "Writes to Slipway's own log." }) });

const webhook = section({
  type: z.literal('webhook').meta({ description: 'Posts a signed Standard Webhooks message.' }),
  url: webAddress('Address to post to. Private addresses and http are refused unless the environment allows them.'),
  secret_env: secretName('Environment variable with the secret that signs.', 'OPS_HOOK_SECRET'),
});

const email = section({
  type: z.literal('email').meta({ description: 'Sends mail through an SMTP server.' }),
  smtp_url_env: secretName(
    'Environment variable with the address of the server, user and password included.',
    'SMTP_URL',
  ),
  from: sender,
});

const TYPES = ['log', 'webhook', 'email'];

const channel = z.discriminatedUnion('type', [log, webhook, email], { error: (issue) => wrongType(issue.input) });

function wrongType(input: unknown): string | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  const type = 'type' in input ? input.type : undefined;
  if (type === 'slack')
    return 'slack is not supported yet: remove this channel, or post to your own endpoint with a channel of type webhook.';
  if (typeof type !== 'string') return 'is missing: write type: log, type: webhook or type: email';
  return `"${type}" is no type of channel.${didYouMean(type, TYPES)} Write type: log, type: webhook or type: email.`;
}

export const channels = z
  .record(name('Name of the channel.'), channel)
  .prefault({})
  .meta({ description: 'Ways to reach people and systems, by name. `log` is always there.' });

const source = section({
  mode: z.enum(['live', 'test']).prefault('live').meta({
    description:
      'What a test source brings reaches no person: it is handled apart and told to the `log` channel alone.',
  }),
  workspace: label(
    'Label of the workspace in the ids of workflows. Two sources of one workspace share their onboardings.',
  ).prefault('main'),
  secret_env: secretName(
    'Environment variable with the signing secret, or several separated by spaces.',
    'PIVOTAL_WEBHOOK_SECRET',
  ),
  tolerance: duration('How far the timestamp of a delivery may lie from now.', { wall: true, positive: true }).prefault(
    '5 minutes',
  ),
});

export const DEFAULT_SOURCES = { pivotal: { secret_env: 'PIVOTAL_WEBHOOK_SECRET' } };

export const sources = z
  .record(label('Name of the source: it is posted to `/webhooks/<name>`.'), source)
  .refine((given) => Object.keys(given).length > 0, {
    error: 'is empty, so nothing could arrive: name a source, or leave the key out',
  })
  .prefault(DEFAULT_SOURCES)
  .meta({ description: 'Who posts events here. Each is reached at `POST /webhooks/<name>`.' });
