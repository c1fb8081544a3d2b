import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createSender, messageId } from '../../src/simulator/send.js';
import { FORGERIES } from '../../src/simulator/step.js';
import { Edge, moved } from '../ingress/edge.js';

/** The secret that the edge of test/ingress calls current. */
const SECRET = `whsec_${Buffer.from('now'.padEnd(24, '-')).toString('base64')}`;
const message = (id = messageId()) => ({
  id,
  type: 'onboarding.phase_changed',
  eventId: 'evt_1',
  body: JSON.stringify(moved('evt_1')),
});

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function flaky(...statuses: number[]): Promise<{ url: string; ids: string[] }> {
  const ids: string[] = [];
  const server = createServer((request, response) => {
    ids.push(String(request.headers['svix-id']));
    response.writeHead(statuses.shift() ?? 200).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/pivotal`, ids };
}

describe('the sender', () => {
  it('signs so that the real edge takes the event, and knows a repeat of it', async () => {
    const edge = await Edge.open();
    const sender = createSender({ url: `${edge.url}/webhooks/pivotal`, secret: SECRET });
    const sent = message();

    expect(await sender.deliver(sent)).toMatchObject({
      status: 200,
      duplicate: false,
      quarantined: false,
      tries: 1,
    });
    expect(await sender.deliver(sent)).toMatchObject({ status: 200, duplicate: true });

    expect(edge.inbox.arrivals.map(({ deliveryId }) => deliveryId)).toEqual([sent.id]);
  });

  it.each([
    ['wrong_secret', 'no_matching_signature'],
    ['stale_timestamp', 'stale_timestamp'],
    ['flipped_byte', 'no_matching_signature'],
    ['no_signature', 'missing_header'],
  ] as const)('forges with a %s, and the real edge turns it away', async (kind, code) => {
    const edge = await Edge.open();
    const sender = createSender({ url: `${edge.url}/webhooks/pivotal`, secret: SECRET });

    const answer = await sender.forge(kind, message());

    expect(FORGERIES).toContain(kind);
    expect(answer).toMatchObject({ status: 401, code, tries: 1 });
    expect(edge.inbox.arrivals).toEqual([]);
  });

  it('tries again after a server error, with the same message id', async () => {
    const { url, ids } = await flaky(503, 500);
    const sender = createSender({ url, secret: SECRET });

    expect(await sender.deliver(message('msg_1'))).toMatchObject({ status: 200, tries: 3 });

    expect(ids).toEqual(['msg_1', 'msg_1', 'msg_1']);
  });

  it('takes a refusal for an answer', async () => {
    const { url, ids } = await flaky(400);
    const sender = createSender({ url, secret: SECRET });

    expect(await sender.deliver(message('msg_1'))).toMatchObject({ status: 400, tries: 1 });
    expect(ids).toHaveLength(1);
  });
});
