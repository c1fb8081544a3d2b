import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEmailChannel, senderDomain } from '../../src/channels/email.js';
import type { Channel, ChannelMessage } from '../../src/channels/channel.js';
import { BENCH_TIMEOUT_MS, type Bench, describeChannel } from './contract.js';
import { type MailBehaviour, type MailServer, startMailServer } from './mail-server.js';
import { ESCALATION, messageOf, ONBOARDING } from './message.js';

const LOGIN = { user: 'slipway', pass: 'hunter2' };
const FROM = 'Slipway <slipway@vendor.example>';

const channelFor = (smtpUrl: string): Channel =>
  createEmailChannel({ name: 'email', smtpUrl, from: FROM, timeoutMs: BENCH_TIMEOUT_MS });

const header = (raw: string, name: string): string | undefined =>
  new RegExp(`^${name}: (.*(?:\\r\\n[ \\t].*)*)`, 'im').exec(raw)?.[1]?.replace(/\r\n[ \t]/g, ' ');

async function open(): Promise<Bench<MailBehaviour>> {
  const server = await startMailServer(LOGIN);
  return {
    channel: channelFor(server.url),
    expects: server.expects,
    taken: () => server.got.map(({ raw }) => ({ id: header(raw, 'Message-ID') ?? '', raw })),
    verify: server.verify,
    close: server.close,
  };
}

describeChannel<MailBehaviour>('email', {
  open,
  accept: 'accept',
  failures: {
    hang: 'hang',
    table: [
      [{ at: 'recipient', code: 450, text: '4.2.0 mia@vendor.example is greylisted' }, 'UpstreamUnavailable'],
      [{ at: 'recipient', code: 452, text: '4.2.2 mailbox full' }, 'UpstreamUnavailable'],
      [{ at: 'sender', code: 421, text: '4.7.0 too many messages, slow down' }, 'RateLimited'],
      [{ at: 'message', code: 451, text: '4.3.0 try again' }, 'UpstreamUnavailable'],
      [{ at: 'login', code: 535, text: '5.7.8 hunter2 is wrong' }, 'AuthRejected'],
      [{ at: 'login', code: 454, text: '4.7.0 directory is down' }, 'UpstreamUnavailable'],
      [{ at: 'sender', code: 530, text: '5.7.0 log in first' }, 'AuthRejected'],
      [{ at: 'sender', code: 553, text: '5.7.1 not your address' }, 'InvalidConfig'],
      [{ at: 'recipient', code: 550, text: '5.1.1 mia@vendor.example is unknown' }, 'InvalidRecipient'],
      [{ at: 'message', code: 554, text: '5.7.1 looks like spam to Mia Park' }, 'PayloadRejected'],
      ['lose the reply', 'OutcomeUnknown'],
      ['drop', 'UpstreamUnavailable'],
    ],
  },
  secrets: ['hunter2', 'mia@vendor.example', 'Mia Park', '127.0.0.1'],
});

describe('an e-mail', () => {
  let server: MailServer;
  let channel: Channel;
  beforeEach(async () => {
    server = await startMailServer(LOGIN);
    channel = channelFor(server.url);
  });
  afterEach(async () => {
    await channel.close();
    await server.close();
    server.verify();
  });

  const mailOf = async (more: Partial<ChannelMessage> = {}): Promise<string> => {
    server.expects('accept');
    await channel.send(messageOf(more), new AbortController().signal);
    return server.got.at(-1)?.raw ?? '';
  };

  it('is taken once where its reply was lost, and its repeat carries the same Message-ID', async () => {
    server.expects('lose the reply', 'accept');
    const send = (): Promise<unknown> =>
      channel.send(messageOf(), new AbortController().signal).catch((error: unknown) => error);

    expect(await send()).toMatchObject({ word: 'OutcomeUnknown' });
    expect(server.got).toHaveLength(1);
    await send();

    const [first, second] = server.got.map(({ raw }) => header(raw, 'Message-ID'));
    expect(first).toMatch(/^<msg_[\w-]+@vendor\.example>$/);
    expect(second).toBe(first);
  });

  it('goes to its recipient alone, from the sender of the settings', async () => {
    const raw = await mailOf();

    expect(server.got[0]).toMatchObject({ from: 'slipway@vendor.example', to: ['mia@vendor.example'] });
    expect(header(raw, 'From')).toBe(FROM);
    expect(header(raw, 'To')).toBe('Mia Park <mia@vendor.example>');
    expect(header(raw, 'Auto-Submitted')).toBe('auto-generated');
  });

  it('belongs to one thread with all others of its escalation, and to no other', async () => {
    const first = await mailOf({ key: 'k/1' });
    const later = await mailOf({ key: 'k/2', kind: 'resolved' });
    const other = await mailOf({ key: 'k/3', escalation: { ...ESCALATION, id: 'esc_live~main~onb_42~2' } });

    expect(header(later, 'References')).toBe(header(first, 'References'));
    expect(header(later, 'In-Reply-To')).toBe(header(first, 'References'));
    expect(header(later, 'Message-ID')).not.toBe(header(first, 'Message-ID'));
    expect(header(other, 'References')).not.toBe(header(first, 'References'));
  });

  it('marks what is severe', async () => {
    expect(header(await mailOf({ severity: 'high' }), 'Importance')).toBe('High');
    expect(header(await mailOf({ key: 'k/2' }), 'Importance')).toBeUndefined();
  });

  it('goes out over a new connection where the server had closed the idle one', async () => {
    server.expects('accept', 'accept');
    const patient = createEmailChannel({ name: 'email', smtpUrl: server.url, from: FROM });
    await patient.send(messageOf({ key: 'k/1' }), new AbortController().signal);

    server.dropConnections();
    await patient.send(messageOf({ key: 'k/2' }), new AbortController().signal);

    expect(server.got).toHaveLength(2);
    await patient.close();
  });

  it.each([
    'Mia\r\nBcc: all@vendor.example',
    'Mia\nBcc: all@vendor.example',
    'Mia\r\n\r\nA body',
    'Mia" <all@vendor.example>, "',
    'all@vendor.example, Mia',
    'Mia\u2028Bcc: all@vendor.example',
  ])('lets no name add a recipient, a header or a body: %j', async (name) => {
    const raw = await mailOf({
      recipient: { id: 'mia', name, email: 'mia@vendor.example' },
      onboarding: { ...ONBOARDING, name, phase: name },
    });

    expect(server.got[0]?.to).toEqual(['mia@vendor.example']);
    const head = raw.slice(0, raw.indexOf('\r\n\r\n'));
    expect(head).not.toMatch(/^Bcc:/im);
    expect(head).toMatch(/^Content-Type: multipart\/alternative/im);
  });

  it.each([
    undefined,
    '',
    'mia',
    'mia@vendor.example, all@vendor.example',
    'mia@vendor.example\r\nRCPT TO:<all@vendor.example>',
    '<mia@vendor.example>',
    'mia @vendor.example',
    'a@b@c.example',
  ])('is not tried for %j, which is no address', async (email) => {
    const recipient = { id: 'mia', name: 'Mia Park', ...(email === undefined ? {} : { email }) };

    await expect(channel.send(messageOf({ recipient }), new AbortController().signal)).rejects.toMatchObject({
      word: 'InvalidRecipient',
    });
  });
});

describe('a mail server that is not there', () => {
  it('is unavailable, not unknown', async () => {
    const server = await startMailServer(LOGIN);
    await server.close();
    const channel = channelFor(server.url);

    const sending = channel.send(messageOf(), new AbortController().signal);

    await expect(sending).rejects.toMatchObject({ word: 'UpstreamUnavailable' });
    await channel.close();
  });
});

describe('the domain of our message ids', () => {
  it.each([
    ['Slipway <slipway@vendor.example>', 'vendor.example'],
    ['slipway@vendor.example', 'vendor.example'],
    ['Slipway', undefined],
    ['Slipway <>', undefined],
  ])('of %s is %s', (from, domain) => {
    expect(senderDomain(from)).toBe(domain);
  });
});
