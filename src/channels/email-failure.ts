import type { NodemailerError } from 'nodemailer';
import type { FailureWord } from '../contracts/activities.js';
import { ChannelFailure } from '../contracts/failures.js';

/**
 * Reads what nodemailer threw. `bodyLeft`: bytes of the message had gone out, so that a connection that then broke may
 * have delivered it. The server's own text is not passed on, since it repeats addresses; its codes are.
 */
export function emailFailure(channel: string, error: NodemailerError, bodyLeft: boolean): ChannelFailure {
  const { responseCode, code = '' } = error;
  if (responseCode !== undefined) return answered(channel, responseCode, error);
  if (code === 'EAUTH' || code === 'ENOAUTH' || code === 'EOAUTH2') {
    return new ChannelFailure(
      'AuthRejected',
      `Channel ${channel}: the mail server does not accept how Slipway logs in.`,
    );
  }
  if (code === 'EENVELOPE') return new ChannelFailure('InvalidRecipient', NOT_AN_ADDRESS(channel));
  if (code === 'EMESSAGE') {
    return new ChannelFailure(
      'PayloadRejected',
      `Channel ${channel}: the message is larger than the mail server takes.`,
    );
  }
  if (code === 'ECONFIG') {
    return new ChannelFailure('InvalidConfig', `Channel ${channel}: the settings in its SMTP URL do not fit together.`);
  }
  if (bodyLeft) {
    const message = `Channel ${channel}: the mail server did not confirm the message, which may have arrived.`;
    return new ChannelFailure('OutcomeUnknown', message);
  }
  return new ChannelFailure(
    'UpstreamUnavailable',
    `Channel ${channel}: ${SILENCES[code] ?? 'the mail server broke off'}.`,
  );
}

export const NOT_AN_ADDRESS = (channel: string): string =>
  `Channel ${channel}: the recipient has no usable e-mail address, see people.emails in slipway.yaml.`;

const SILENCES: Readonly<Record<string, string>> = {
  EDNS: 'the mail server has no address in the DNS',
  ETLS: 'the mail server could not be reached over TLS: look at its certificate',
  ESOCKET: 'the mail server cannot be reached',
  ECONNECTION: 'the mail server closed the connection',
  ETIMEDOUT: 'the mail server did not answer in time',
  EABORT: 'the mail server did not answer in time',
};

/** The server said no, for now (4xx) or for good (5xx), to the login, the sender, the recipient or the message. */
function answered(channel: string, responseCode: number, error: NodemailerError): ChannelFailure {
  const command = error.command ?? 'the connection';
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(error.response ?? '')?.[1];
  const codes = enhanced ? `${responseCode} ${enhanced}` : String(responseCode);
  const message = `Channel ${channel}: the mail server answered ${codes} to ${command.replace(/^AUTH\b.*/, 'the login')}.`;
  return new ChannelFailure(wordOf(responseCode, command, error), message);
}

function wordOf(responseCode: number, command: string, error: NodemailerError): FailureWord {
  // 503 is about the order of commands in a session, so a new session may go well.
  if (responseCode < 500 || responseCode === 503) {
    return /rate|too many|too fast|thrott|slow down/i.test(error.response ?? '')
      ? 'RateLimited'
      : 'UpstreamUnavailable';
  }
  if (error.code === 'EAUTH' || responseCode === 530 || responseCode === 535) return 'AuthRejected';
  if (command === 'RCPT TO') return 'InvalidRecipient';
  if (command === 'DATA') return 'PayloadRejected';
  return 'InvalidConfig';
}
