import type { Observer } from '../contracts/observer.js';
import type { Channel, ChannelMessage } from './channel.js';
import { messageId } from './message-id.js';

/**
 * Writes that a message was due to the log and keeps nothing. Business ids alone: neither the text, which names people
 * and customers, nor the recipient, whose id may be an e-mail address.
 */
export function createLogChannel(name: string, observer: Observer): Channel {
  return {
    name,
    type: 'log',
    send: (message, signal) => {
      if (signal.aborted) return Promise.reject(signal.reason as Error);
      observer.log('info', `escalation ${message.kind}`, logFields(name, message));
      return Promise.resolve({ providerId: messageId(message.key) });
    },
    close: () => Promise.resolve(),
  };
}

function logFields(channel: string, message: ChannelMessage) {
  return {
    channel,
    id: messageId(message.key),
    escalation: message.escalation.id,
    onboarding: message.onboarding.id,
    rule: message.escalation.rule,
    severity: message.severity,
    // Not `level`, which is the log line's own.
    escalation_level: message.level,
    fallback: message.fallback,
    mode: message.onboarding.mode,
  };
}
