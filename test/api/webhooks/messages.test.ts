import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isMessage } from '../../../src/api/webhooks/router.js';
import { messageText, messageView } from '../../../src/api/webhooks/message-text.js';
import { StoreUnavailable } from '../../../src/contracts/inbox.js';
import { HOUR, iso, NOW } from '../views.js';
import { ADMIN, Client, refusal, wrongPlaces } from './client.js';

let client: Client;
beforeEach(async () => {
  client = await Client.start();
  await client.admin.application.create({ name: 'Acme', uid: 'acme' });
});
afterEach(() => client.close());

const send = (more: object = {}, options = {}) =>
  client.operator.message.create('acme', { eventType: 'order.paid', payload: { n: 1 }, ...more }, options);
const sent = () => client.world.webhooks.sent;

describe('a message', () => {
  it('is taken with what it carries, and answered with its id', async () => {
    const { id: application } = await client.viewer.application.get('acme');
    const made = await send({
      eventId: 'order-1',
      channels: ['eu', 'eu'],
      tags: ['a/b'],
      payload: { text: 'Grüße · 日本' },
    });

    expect(made).toMatchObject({
      id: expect.stringMatching(/^msg_/),
      eventType: 'order.paid',
      eventId: 'order-1',
      channels: ['eu'],
      tags: ['a/b'],
      payload: { text: 'Grüße · 日本' },
      timestamp: new Date(NOW),
    });
    expect(sent()).toMatchObject([{ application, payload: '{"text":"Grüße · 日本"}', orderKey: null }]);
    expect(sent()[0]?.onlyTo).toBeUndefined();
  });

  it('is no line of the audit log', async () => {
    client.world.audited.length = 0;
    await send();

    expect([client.world.audited, client.world.changes.size]).toEqual([[], 1]);
  });

  it('is answered without its content where nobody wants it', async () => {
    const path = '/api/v1/app/acme/msg?with_content=false';
    const { json } = await client.request('POST', path, { eventType: 'order.paid', payload: { n: 0 } });
    expect(json.payload).toEqual({});
    const { id } = await send();
    const { message } = client.viewer;
    expect((await message.get('acme', id)).payload).toEqual({ n: 1 });
    expect((await message.get('acme', id, { withContent: false })).payload).toEqual({});
    expect((await message.list('acme', { withContent: false })).data.map(({ payload }) => payload)).toEqual([{}, {}]);
  });

  it('is sent once for its eventId, and once for its Idempotency-Key', async () => {
    const first = await send({ eventId: 'order-1' }, { idempotencyKey: 'k-1' });
    expect((await refusal(send({ eventId: 'order-1' }))).body).toEqual({
      code: 'conflict',
      detail: expect.stringContaining('eventId'),
    });
    const again = await client.request(
      'POST',
      '/api/v1/app/acme/msg',
      { eventType: 'order.paid', payload: { n: 2 } },
      { 'idempotency-key': 'k-1' },
    );
    expect([again.status, again.json.id, again.json.payload]).toEqual([202, first.id, { n: 1 }]);
    expect(sent()).toHaveLength(1);
    expect(sent()[0]?.idempotencyKey).toBe('k-1');
  });

  it('may be larger than other bodies, and not than half a megabyte', async () => {
    await send({ payload: { text: 'x'.repeat(400_000) } });
    expect(await refusal(send({ payload: { text: 'x'.repeat(600_000) } }))).toMatchObject({
      status: 413,
      body: { code: 'payload_too_large' },
    });
  });

  it('may be compressed, as other bodies may', async () => {
    const response = await fetch(`${client.api.url}/api/v1/app/acme/msg`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN}`, 'content-encoding': 'gzip' },
      body: gzipSync('{"eventType":"order.paid","payload":{"n":7}}'),
    });

    expect([response.status, sent()[0]?.payload]).toEqual([202, '{"n":7}']);
  });

  it('is no message where its body is no JSON, or is not there', async () => {
    const post = (body?: string) => client.request('POST', '/api/v1/app/acme/msg', body);

    expect((await post('{"eventType":')).json.detail[0].type).toBe('value_error.jsondecode');
    expect((await post()).json.detail[0].type).toBe('value_error.missing');
    expect((await post('[]')).json.detail[0].loc).toEqual(['body', 'eventType']);
    expect((await client.request('POST', '/api/v1/app/acme/msg', '{}', { 'idempotency-key': 'k 1' })).status).toBe(422);
  });

  it('is refused where a field is wrong, and told which', async () => {
    const wrong = (more: object): Promise<string[]> => wrongPlaces(send(more));

    expect(await wrong({ eventType: undefined, payload: undefined })).toEqual(['body.eventType', 'body.payload']);
    expect(await wrong({ eventType: '$$' })).toEqual(['body.eventType']);
    expect(await wrong({ eventId: 'msg_mine' })).toEqual(['body.eventId']);
    for (const eventId of ['', '.', '..']) expect(await wrong({ eventId })).toEqual(['body.eventId']);
    expect(await wrong({ eventType: '..' })).toEqual(['body.eventType']);
    expect(await wrong({ payload: 'text' })).toEqual(['body.payload']);
    expect(await wrong({ payload: [{ n: 1 }] })).toEqual(['body.payload']);
    expect(await wrong({ channels: [] })).toEqual(['body.channels']);
    expect(await wrong({ channels: ['a', 'b', 'c', 'd', 'e', 'f'] })).toEqual(['body.channels']);
    expect(await wrong({ channels: ['a b'], tags: 'x' })).toEqual(['body.channels', 'body.tags']);
    for (const payloadRetentionPeriod of [4, 91, 5.5])
      expect(await wrong({ payloadRetentionPeriod })).toEqual(['body.payloadRetentionPeriod']);
    expect(await wrong({ tags: ['1', '2', '3', '4', '5', '6'] })).toEqual(['body.tags']);
    expect(sent()).toEqual([]);
  });

  it('is not taken with a promise that would not be kept', async () => {
    for (const more of [
      { deliverAt: new Date() },
      { payloadRetentionHours: 48 },
      { transformationsParams: { rawPayload: 'x' } },
    ])
      expect(await refusal(send(more))).toMatchObject({ status: 501, body: { code: 'not_implemented' } });
    expect(sent()).toEqual([]);
  });

  it('may ask that what it says goes before it does', async () => {
    await send({ payloadRetentionPeriod: 5 });
    await send({ payloadRetentionPeriod: null });

    expect(sent()).toMatchObject([{ payloadDays: 5 }, {}]);
    expect(sent()[1]).not.toHaveProperty('payloadDays');
  });

  it('needs an application that is there', async () => {
    const to = (app: string, more: object = {}) =>
      refusal(client.operator.message.create(app, { eventType: 'order.paid', payload: {}, ...more }));

    expect((await to('nobody')).status).toBe(404);
    expect((await to('no\0body')).status).toBe(404);
    expect((await to('new', { application: { name: 'New', uid: 'new' } })).status).toBe(501);
  });

  it('is to be sent again where the store is away', async () => {
    client.world.webhooks.messages.create = () => Promise.reject(new StoreUnavailable('away'));
    const { status, headers, json } = await client.request('POST', '/api/v1/app/acme/msg/', {
      eventType: 'order.paid',
      payload: {},
    });

    expect([status, headers['retry-after'], json.code]).toEqual([503, '5', 'unavailable']);
  });

  it('keeps its place behind others about the same onboarding', async () => {
    const keyOf = async (eventType: string, payload: object): Promise<string | null | undefined> => {
      await send({ eventType, payload });
      return sent().at(-1)?.orderKey;
    };

    expect(await keyOf('escalation.opened', { data: { object: { id: 'esc_1', onboarding_id: 'onb_1' } } })).toBe(
      'onb_1',
    );
    expect(await keyOf('onboarding.launched', { data: { object: { id: 'onb_1' } } })).toBe('onb_1');
    expect(await keyOf('task.completed', { data: { object: { id: 'task_1' } } })).toBeNull();
    expect(await keyOf('onboarding.launched', { data: { object: { id: 7 } } })).toBeNull();
    expect(await keyOf('onboarding.launched', { data: [] })).toBeNull();
  });

  it('reads the same whether its payload is copied or read', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.json()), fc.boolean(), (payload, withContent) => {
        const message = {
          id: 'msg_1',
          application: 'app_1',
          eventType: 'a.b',
          eventId: null,
          channels: null,
          tags: ['x'],
          payload: JSON.stringify(payload),
          at: NOW,
        };
        expect(JSON.parse(messageText(message, withContent))).toEqual(
          JSON.parse(JSON.stringify(messageView(message, withContent))),
        );
      }),
    );
  });
});

describe('however many messages there are', () => {
  it('is not counted against a caller; looks are', () => {
    const counts = (method: string, path: string): boolean => !isMessage({ method, path });

    expect(counts('POST', '/api/v1/app/acme/msg')).toBe(false);
    expect(counts('POST', '/api/v1/app/acme/msg/')).toBe(false);
    expect(counts('GET', '/api/v1/app/acme/msg')).toBe(true);
    expect(counts('POST', '/api/v1/app/acme/endpoint')).toBe(true);
    expect(counts('POST', '/api/v1/app/a/b/msg')).toBe(true);
  });
});

describe('messages', () => {
  it('are got by id and by eventId', async () => {
    const made = await send({ eventId: 'order-1' });

    expect(await client.viewer.message.get('acme', made.id)).toEqual(made);
    expect(await client.viewer.message.get('acme', 'order-1')).toEqual(made);
    expect((await refusal(client.viewer.message.get('acme', 'order-2'))).status).toBe(404);
  });

  it('are listed the newest first, by type, channel, tag and time', async () => {
    await send({ payload: { n: 1 }, channels: ['eu'] });
    await send({ payload: { n: 2 }, tags: ['vip'] });
    await send({ payload: { n: 3 }, eventType: 'order.sent' });
    const list = async (options: object) =>
      (await client.viewer.message.list('acme', options)).data.map(({ payload }) => payload.n);

    expect(await list({})).toEqual([3, 2, 1]);
    expect(await list({ eventTypes: ['order.paid', 'order.other'] })).toEqual([2, 1]);
    expect(await list({ channel: 'eu' })).toEqual([1]);
    expect(await list({ tag: 'vip' })).toEqual([2]);
    expect(await list({ before: new Date(NOW) })).toEqual([]);
    expect(await list({ after: new Date(NOW - HOUR) })).toEqual([3, 2, 1]);
    const brackets = await client.request('GET', '/api/v1/app/acme/msg?event_types[0]=order.sent&event_types[]=x.y');
    expect(brackets.json.data).toHaveLength(1);
    expect(brackets.json.data[0].timestamp).toBe(iso(NOW));
  });

  it('are not listed by what is no filter', async () => {
    const list = (options: object) => wrongPlaces(client.viewer.message.list('acme', options));

    expect(await list({ eventTypes: ['$$'] })).toEqual(['query.event_types']);
    expect(await list({ channel: '$$' })).toEqual(['query.channel']);
    expect(await list({ tag: '$$' })).toEqual(['query.tag']);
    expect((await client.request('GET', '/api/v1/app/acme/msg?before=yesterday')).status).toBe(422);
    for (const before of ['2026-11-23%2009:00:00.123456%20UTC', '2026-11-23T09:00:00.123456+00:00'])
      expect((await client.request('GET', `/api/v1/app/acme/msg?before=${before}`)).status).toBe(200);
  });
});
