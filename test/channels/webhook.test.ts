import { Webhook } from 'svix';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWebhookChannel } from '../../src/channels/webhook.js';
import { createOutbound, type Outbound } from '../../src/outbound/post.js';
import { createSigner } from '../../src/outbound/signer.js';
import { type Answer, type Receiver, startReceiver } from '../outbound/receiver.js';
import { BENCH_TIMEOUT_MS, type Bench, describeChannel } from './contract.js';
import { ESCALATION, messageOf, ONBOARDING } from './message.js';

const SECRET = `whsec_${Buffer.from('a secret for the ops hook').toString('base64')}`;

async function open(): Promise<Bench<Answer> & { receiver: Receiver }> {
  const receiver = await startReceiver();
  const outbound = createOutbound({ allowPrivate: true });
  const channel = createWebhookChannel({
    name: 'hook',
    url: `${receiver.url}/services/hunter2?token=hunter2`,
    signer: createSigner(SECRET),
    outbound,
    timeoutMs: BENCH_TIMEOUT_MS,
  });
  return {
    channel,
    receiver,
    expects: receiver.expects,
    taken: () => receiver.got.map(({ headers, body }) => ({ id: String(headers['webhook-id']), raw: body })),
    verify: receiver.verify,
    close: async () => {
      await outbound.close();
      await receiver.close();
    },
  };
}

describeChannel<Answer>('webhook', {
  open,
  accept: { status: 204 },
  failures: {
    hang: 'hang',
    table: [
      [{ status: 500 }, 'UpstreamUnavailable'],
      [{ status: 502, body: 'Bad gateway for hunter2' }, 'UpstreamUnavailable'],
      [{ status: 503, headers: { 'retry-after': '30' } }, 'UpstreamUnavailable', 30_000],
      [{ status: 408 }, 'UpstreamUnavailable'],
      [{ status: 429 }, 'RateLimited'],
      [{ status: 429, headers: { 'retry-after': '12' } }, 'RateLimited', 12_000],
      [{ status: 401 }, 'AuthRejected'],
      [{ status: 403 }, 'AuthRejected'],
      [{ status: 404 }, 'InvalidConfig'],
      [{ status: 405 }, 'InvalidConfig'],
      [{ status: 410 }, 'InvalidConfig'],
      [{ status: 301, headers: { location: 'https://elsewhere.example/hunter2' } }, 'InvalidConfig'],
      [{ status: 302, headers: { location: '/hunter2' } }, 'InvalidConfig'],
      [{ status: 304 }, 'InvalidConfig'],
      [{ status: 400 }, 'PayloadRejected'],
      [{ status: 413 }, 'PayloadRejected'],
      [{ status: 422 }, 'PayloadRejected'],
      ['drop', 'OutcomeUnknown'],
    ],
  },
  secrets: ['hunter2', SECRET, 'mia@vendor.example', 'Mia Park'],
});

describe('webhook message', () => {
  let bench: Awaited<ReturnType<typeof open>>;
  beforeEach(async () => {
    bench = await open();
  });
  afterEach(async () => {
    await bench.close();
    bench.verify();
  });
  const signal = new AbortController().signal;

  it('holds what receivers rely on, and no address of the recipient', async () => {
    bench.expects({ status: 200 });

    await bench.channel.send(messageOf(), signal);

    expect(JSON.parse(bench.taken()[0]?.raw ?? '')).toEqual({
      type: 'escalation.notified',
      timestamp: '2026-11-24T08:00:00.000Z',
      data: {
        escalation: ESCALATION,
        onboarding: ONBOARDING,
        level: 2,
        fallback: false,
        recipient: { id: 'mia', name: 'Mia Park' },
        channel: 'hook',
        text: 'Borealis · EU rollout has been stuck in uat for 9 working days.',
      },
    });
  });

  it('names what later became of the escalation', async () => {
    bench.expects({ status: 200 }, { status: 200 }, { status: 200 });

    for (const kind of ['acknowledged', 'snoozed', 'resolved'] as const) {
      await bench.channel.send(messageOf({ kind, key: `k/${kind}` }), signal);
    }

    const types = bench.taken().map(({ raw }) => (JSON.parse(raw) as { type: string }).type);
    expect(types).toEqual(['escalation.acknowledged', 'escalation.snoozed', 'escalation.resolved']);
  });

  it('is signed over what was sent, now, whatever the virtual clock says', async () => {
    bench.expects({ status: 200 });

    await bench.channel.send(messageOf({ at: Date.UTC(2031, 0, 1) }), signal);

    const [request] = bench.receiver.got;
    const verified = new Webhook(SECRET).verify(request?.body ?? '', request?.headers as Record<string, string>);
    expect(verified).toMatchObject({ timestamp: '2031-01-01T00:00:00.000Z' });
    expect(request?.headers['svix-id']).toBe(request?.headers['webhook-id']);
    expect(Math.abs(Number(request?.headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(5);
  });
});

describe('webhook to a receiver that is not there', () => {
  let outbound: Outbound;
  afterEach(() => outbound.close());

  const failureOf = async (url: string, allowPrivate: boolean): Promise<unknown> => {
    outbound = createOutbound({ allowPrivate });
    const channel = createWebhookChannel({ name: 'hook', url, signer: createSigner(SECRET), outbound });
    return channel.send(messageOf(), new AbortController().signal).catch((error: unknown) => error);
  };

  it('is unavailable, not unknown, where nobody listens', async () => {
    const gone = await startReceiver();
    await gone.close();

    expect(await failureOf(gone.url, true)).toMatchObject({ word: 'UpstreamUnavailable' });
  });

  it('is forbidden where the target is a private one', async () => {
    const receiver = await startReceiver();

    expect(await failureOf(`${receiver.url}/hunter2`, false)).toMatchObject({
      word: 'TargetForbidden',
      message: expect.not.stringContaining('hunter2') as string,
    });
    expect(receiver.connections()).toBe(0);
    await receiver.close();
  });
});
