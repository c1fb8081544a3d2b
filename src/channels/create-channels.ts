import type { Observer } from '../contracts/observer.js';
import type { ChannelSettings } from '../domain/policy/policy-file.js';
import type { Outbound } from '../outbound/post.js';
import { createSigner } from '../outbound/signer.js';
import type { Channel } from './channel.js';
import { createEmailChannel, senderDomain } from './email.js';
import { createLogChannel } from './log.js';
import { createUnusableChannel } from './unusable.js';
import { createWebhookChannel } from './webhook.js';

export interface ChannelDeps {
  readonly outbound: Outbound;
  readonly observer: Observer;
}

export interface ChannelSet {
  readonly channels: ReadonlyMap<string, Channel>;
  /** One sentence for each channel that cannot be used as it is set. */
  readonly problems: readonly string[];
  /** Ends idle connections; `outbound` is the caller's own. */
  close(): Promise<void>;
}

/**
 * The channels of a policy; `log` is always among them. One whose secret is missing or malformed is named in `problems`
 * and fails its sends with `InvalidConfig`, so that the rest works.
 */
export function createChannels(
  settings: Readonly<Record<string, ChannelSettings>>,
  secretOf: (environmentName: string) => string | undefined,
  deps: ChannelDeps,
): ChannelSet {
  const channels = new Map<string, Channel>();
  const problems: string[] = [];
  for (const [name, setting] of Object.entries({ log: { type: 'log' } as const, ...settings })) {
    const made = createChannel(name, setting, secretOf, deps);
    if (typeof made === 'string') problems.push(made);
    channels.set(name, typeof made === 'string' ? createUnusableChannel(name, setting.type, made) : made);
  }
  return {
    channels,
    problems,
    close: async () => {
      await Promise.all([...channels.values()].map((channel) => channel.close()));
    },
  };
}

/** The channel, or the sentence that says why it cannot be used. */
function createChannel(
  name: string,
  setting: ChannelSettings,
  secretOf: (environmentName: string) => string | undefined,
  { outbound, observer }: ChannelDeps,
): Channel | string {
  if (setting.type === 'log') return createLogChannel(name, observer);
  const variable = setting.type === 'webhook' ? setting.secretEnv : setting.smtpUrlEnv;
  const secret = secretOf(variable)?.trim();
  if (!secret) return `Channel ${name} cannot send: ${variable} is not set in the environment.`;
  if (setting.type === 'email') return createEmail(name, secret, variable, setting.from);
  try {
    return createWebhookChannel({ name, url: setting.url, signer: createSigner(secret), outbound });
  } catch (error) {
    return `Channel ${name} cannot send: ${variable} is malformed. ${(error as Error).message}`;
  }
}

function createEmail(name: string, smtpUrl: string, variable: string, from: string): Channel | string {
  if (!URL.canParse(smtpUrl) || !/^smtps?:$/.test(new URL(smtpUrl).protocol)) {
    return `Channel ${name} cannot send: ${variable} is not an smtp:// or smtps:// URL.`;
  }
  if (!senderDomain(from)) return `Channel ${name} cannot send: its from is no e-mail address, see slipway.yaml.`;
  return createEmailChannel({ name, smtpUrl, from });
}
