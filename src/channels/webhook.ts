import type { Answer, NoAnswer, Outbound } from '../outbound/post.js';
import type { Signer } from '../outbound/signer.js';
import { ChannelFailure } from '../contracts/failures.js';
import type { FailureWord } from '../contracts/activities.js';
import { CALL_TIMEOUT_MS, type Channel, type ChannelMessage, cutText } from './channel.js';
import { messageId } from './message-id.js';

export interface WebhookChannelOptions {
  readonly name: string;
  /** May hold a secret in its path or query: shown nowhere. */
  readonly url: string;
  readonly signer: Signer;
  readonly outbound: Outbound;
  readonly timeoutMs?: number;
}

/** Posts a signed Standard Webhooks message. Its id is that of the send, so that a receiver can drop a repeat. */
export function createWebhookChannel(options: WebhookChannelOptions): Channel {
  const { name, url, signer, outbound, timeoutMs = CALL_TIMEOUT_MS } = options;
  return {
    name,
    type: 'webhook',
    send: async (message, signal) => {
      const id = messageId(message.key);
      const body = JSON.stringify(webhookMessage(name, message));
      const headers = signer(id, Math.floor(Date.now() / 1000), body);
      const result = await outbound.post({ url, headers, body, signal, timeoutMs });
      if (!result.answered) throw silence(name, result, signal);
      if (result.status < 200 || result.status > 299) throw refusal(name, result);
      return { providerId: id };
    },
    close: () => Promise.resolve(),
  };
}

/** The body that receivers rely on (design section 10). `timestamp` is when it was decided, the same on every try. */
export function webhookMessage(channel: string, message: ChannelMessage) {
  const { kind, level, fallback, recipient, escalation, onboarding } = message;
  return {
    type: `escalation.${kind}`,
    timestamp: new Date(message.at).toISOString(),
    data: {
      escalation,
      onboarding,
      level,
      fallback,
      recipient: { id: recipient.id, name: recipient.name },
      channel,
      text: cutText(message.text),
    },
  };
}

/** What a status outside 2xx means. 410 is no command here: a person keeps the channel's address. */
function refusal(name: string, { status, retryAfterMs }: Answer): ChannelFailure {
  const [word, advice] = meaningOf(status);
  return new ChannelFailure(word, `The receiver of channel ${name} answered ${status}: ${advice}.`, retryAfterMs);
}

function meaningOf(status: number): readonly [FailureWord, string] {
  if (status === 429) return ['RateLimited', 'it wants fewer messages'];
  if (status >= 500 || status === 408 || status === 425) return ['UpstreamUnavailable', 'it cannot take messages now'];
  if (status === 401 || status === 403) return ['AuthRejected', 'check the secret on both sides'];
  if (status === 404 || status === 405 || status === 410) return ['InvalidConfig', 'check the url of the channel'];
  if (status < 400) return ['InvalidConfig', 'redirects are not followed, set the final address as url'];
  return ['PayloadRejected', 'it does not accept the message'];
}

/** No answer: forbidden for good, unknown where the message may have arrived, else a receiver that cannot be reached. */
function silence(name: string, result: NoAnswer, signal: AbortSignal): unknown {
  if (result.failure === 'aborted') return signal.reason;
  if (result.failure === 'forbidden')
    return new ChannelFailure('TargetForbidden', `Channel ${name}: ${result.message}`);
  if (result.sent) {
    return new ChannelFailure('OutcomeUnknown', `Channel ${name}: ${result.message} The message may have arrived.`);
  }
  return new ChannelFailure('UpstreamUnavailable', `Channel ${name}: ${result.message}`);
}
