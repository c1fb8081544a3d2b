import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';
import type { NodemailerError, SendMailOptions } from 'nodemailer';
import { ChannelFailure } from '../contracts/failures.js';
import { CALL_TIMEOUT_MS, type Channel, type ChannelMessage } from './channel.js';
import { emailFailure, NOT_AN_ADDRESS } from './email-failure.js';
import { oneLine, writeEmail } from './email-text.js';
import { messageId } from './message-id.js';

export interface EmailChannelOptions {
  readonly name: string;
  /** `smtp://` or `smtps://`, with credentials and nodemailer's options as its query. */
  readonly smtpUrl: string;
  /** `Slipway <slipway@vendor.example>`. */
  readonly from: string;
  readonly timeoutMs?: number;
}

/** One plain address. What could end the address and begin another, or a header, is none. */
const ADDRESS = /^[^\s@<>,;:"\\()[\]\p{Cc}]+@[^\s@<>,;:"\\()[\]\p{Cc}]+$/u;

/** The domain that our message ids are of: the sender's. Undefined where `from` holds no address. */
export function senderDomain(from: string): string | undefined {
  const address = /<([^<>]*)>\s*$/.exec(from)?.[1] ?? from.trim();
  return ADDRESS.test(address) ? address.slice(address.indexOf('@') + 1) : undefined;
}

/**
 * Sends over SMTP, through connections that are kept for a while. The ids are of our making: a repeat of a key carries
 * the same Message-ID, so that mail programs show it once, and everything about one escalation refers to one thread.
 */
export function createEmailChannel({ name, smtpUrl, from, timeoutMs = CALL_TIMEOUT_MS }: EmailChannelOptions): Channel {
  const departures = new WeakMap<AbortSignal, Readable>();
  // Loaded by the first channel of this kind: without one it would only make every start later.
  const { createTransport } = createRequire(import.meta.url)('nodemailer') as typeof import('nodemailer');
  const transport = createTransport({
    url: smtpUrl,
    pool: true,
    // Only a connection that the server had closed while it was idle: nodemailer sends no message twice.
    maxRequeues: 1,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  // Every failure reaches its own send; without a listener the pool's copy of it would end the process.
  transport.on('error', () => {});
  transport.use('stream', (mail, done) => {
    const { signal } = mail.data;
    mail.message.processFunc((output) => {
      if (signal) departures.set(signal, output);
      return output;
    });
    done();
  });

  const bodyLeft = (signal: AbortSignal): boolean => departures.get(signal)?.readableDidRead ?? false;
  return {
    name,
    type: 'email',
    send: async (message, signal) => {
      const email = compose(name, from, message);
      signal.throwIfAborted();
      const stop = stopper(signal, timeoutMs, bodyLeft);
      try {
        await transport.sendMail({ ...email, signal: stop.signal });
        return { providerId: email.messageId };
      } catch (error) {
        if (stop.byCaller()) throw signal.reason;
        throw emailFailure(name, error as NodemailerError, bodyLeft(stop.signal));
      } finally {
        stop.end();
      }
    },
    close: () => {
      transport.close();
      return Promise.resolve();
    },
  };
}

function compose(channel: string, from: string, message: ChannelMessage) {
  const { recipient, severity, key, escalation } = message;
  if (!recipient.email || !ADDRESS.test(recipient.email)) {
    throw new ChannelFailure('InvalidRecipient', NOT_AN_ADDRESS(channel));
  }
  const domain = senderDomain(from) ?? 'slipway.invalid';
  const thread = `<${messageId(escalation.id)}@${domain}>`;
  return {
    from,
    to: { name: oneLine(recipient.name), address: recipient.email },
    ...writeEmail(message),
    messageId: `<${messageId(key)}@${domain}>`,
    inReplyTo: thread,
    references: thread,
    priority: severity === 'high' ? 'high' : 'normal',
    // Keeps absence notices from answering.
    headers: { 'Auto-Submitted': 'auto-generated' },
  } satisfies SendMailOptions;
}

/** Ends a send when its time is up, or when the caller stops it while nothing of the message has left. */
function stopper(caller: AbortSignal, timeoutMs: number, bodyLeft: (signal: AbortSignal) => boolean) {
  const controller = new AbortController();
  let stoppedByCaller = false;
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  const onAbort = (): void => {
    if (bodyLeft(controller.signal) || controller.signal.aborted) return;
    stoppedByCaller = true;
    controller.abort();
  };
  caller.addEventListener('abort', onAbort);
  return {
    signal: controller.signal,
    byCaller: () => stoppedByCaller,
    end: () => {
      clearTimeout(timer);
      caller.removeEventListener('abort', onAbort);
    },
  };
}
