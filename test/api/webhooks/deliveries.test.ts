import { MessageStatus } from 'svix';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Attempt } from '../../../src/contracts/webhooks.js';
import { DAY, HOUR, iso, NOW } from '../views.js';
import { Client, refusal, wrongPlaces } from './client.js';

let client: Client;
let endpoint: string;
beforeEach(async () => {
  client = await Client.start();
  await client.admin.application.create({ name: 'Acme', uid: 'acme' });
  await client.admin.eventType.create({
    name: 'order.paid',
    description: 'An order was paid',
    schemas: { 1: { examples: [{ n: 'old' }] }, 2: { type: 'object', examples: [{ n: 1 }, { n: 2 }, 3] } },
  });
  ({ id: endpoint } = await client.admin.endpoint.create('acme', { url: 'https://acme.example/', uid: 'first' }));
  client.world.audited.length = 0;
});
afterEach(() => client.close());

const since = new Date(NOW - HOUR);
const thrice = <T>(one: T): T[] => [one, one, one];

describe('an example', () => {
  const example = (more: object = {}) =>
    client.operator.endpoint.sendExample('acme', 'first', { eventType: 'order.paid', ...more });
  const sent = () => client.world.webhooks.sent.map(({ payload, onlyTo, eventType }) => [eventType, payload, onlyTo]);

  it('of a type goes to that endpoint alone', async () => {
    const message = await example();
    await example({ exampleIndex: 1 });

    expect(message).toMatchObject({ id: expect.stringMatching(/^msg_/), eventType: 'order.paid' });
    expect(sent()).toEqual([
      ['order.paid', '{"n":1}', endpoint],
      ['order.paid', '{"n":2}', endpoint],
    ]);
    expect(client.world.audited[0]).toMatchObject({
      action: 'endpoint.send_example',
      subject: endpoint,
      after: { event_type: 'order.paid', message: message.id },
    });
  });

  it('may be written by hand, for a type that nobody has described', async () => {
    const { status } = await client.request('POST', '/api/v1/app/acme/endpoint/first/send-example', {
      eventType: 'order.lost',
      payload: { n: 9 },
    });

    expect(status).toBe(200);
    expect(sent()).toEqual([['order.lost', '{"n":9}', endpoint]]);
    expect(JSON.stringify([client.world.audited, [...client.world.changes]])).not.toContain('"n":9');
  });

  it('needs no description where it is a ping', async () => {
    await example({ eventType: 'svix.ping' });

    expect(sent()).toEqual([['svix.ping', '{"success":true}', endpoint]]);
  });

  it('cannot be sent where there is none', async () => {
    expect((await refusal(example({ eventType: 'order.lost' }))).status).toBe(404);
    expect(await refusal(example({ exampleIndex: 2 }))).toMatchObject({
      status: 400,
      body: { code: 'invalid_scheme' },
    });
    expect(await wrongPlaces(example({ eventType: '$$' }))).toEqual(['body.eventType']);
    expect(sent()).toEqual([]);
  });
});

describe('what failed, and what is missing', () => {
  it('is sent once more, and answered with the task that clients read', async () => {
    const recovered = await client.operator.endpoint.recover('acme', 'first', { since });
    const replayed = await client.operator.endpoint.replayMissing('acme', 'first', { since, until: new Date(NOW) });

    expect(recovered).toEqual({
      id: expect.stringMatching(/^qtask_/),
      status: 'finished',
      task: 'endpoint.recover',
      updatedAt: new Date(NOW),
    });
    expect(replayed).toMatchObject({ status: 'finished', task: 'endpoint.replay' });
    expect(client.world.webhooks.asked).toEqual([
      { what: 'endpoint.recover', of: endpoint },
      { what: 'endpoint.replay', of: endpoint },
    ]);
    expect(client.world.audited).toMatchObject([
      { action: 'endpoint.recover', subject: endpoint, after: { since: iso(NOW - HOUR), until: null, deliveries: 2 } },
      { action: 'endpoint.replay_missing', after: { until: iso(NOW) } },
    ]);
  });

  it('is asked for in parts of two weeks', async () => {
    const { endpoint: calls } = client.operator;
    const from = (days: number) => ({ since: new Date(NOW - days * DAY) });

    expect(await wrongPlaces(calls.recover('acme', 'first', from(15)))).toEqual(['body.since']);
    expect(await wrongPlaces(calls.replayMissing('acme', 'first', from(15)))).toEqual(['body.since']);
    await calls.recover('acme', 'first', { ...from(28), until: new Date(NOW - 14 * DAY) });
    expect((await client.request('POST', '/api/v1/app/acme/endpoint/first/recover', {})).json.detail[0].loc).toEqual([
      'body',
      'since',
    ]);
  });
});

describe('a resend', () => {
  const resend = (message: string, options = {}) =>
    client.operator.messageAttempt.resend('acme', message, 'first', options);

  it('is done every time it is asked for, and once for one Idempotency-Key', async () => {
    const { id } = await client.operator.message.create('acme', {
      eventType: 'order.paid',
      payload: {},
      eventId: 'o-1',
    });
    await resend(id);
    await resend('o-1');
    await resend(id, { idempotencyKey: 'k-1' });
    await resend(id, { idempotencyKey: 'k-1' });

    expect(client.world.webhooks.asked).toEqual(thrice({ what: 'resend', of: `${id} ${endpoint}` }));
    expect(client.world.audited.map(({ action, subject, after }) => [action, subject, after])).toEqual(
      thrice(['message.resend', id, { endpoint }]),
    );
  });

  it('of a message that is not there is 404', async () => {
    expect((await refusal(resend('msg_nothing'))).status).toBe(404);
    expect(client.world.audited).toEqual([]);
  });
});

describe('attempts', () => {
  let message: string;
  beforeEach(async () => {
    ({ id: message } = await client.operator.message.create('acme', { eventType: 'order.paid', payload: { n: 1 } }));
    const attempt = (id: string, more: Partial<Attempt>): Attempt => ({
      id,
      messageId: message,
      endpointId: endpoint,
      eventType: 'order.paid',
      at: NOW,
      trigger: 'scheduled',
      succeeded: false,
      url: 'https://acme.example/',
      status: 500,
      response: 'Out of order',
      requestHeaders: { 'svix-id': message, Authorization: 'hush' },
      responseHeaders: { server: 'x', 'set-cookie': 'hush' },
      ms: 12,
      address: '203.0.113.9',
      nextAt: NOW + HOUR,
      ...more,
    });
    client.world.webhooks.tried.push(
      attempt('atmpt_1', {}),
      attempt('atmpt_2', { status: 0, response: 'No answer within 10 s.', address: null }),
      attempt('atmpt_3', { succeeded: true, status: 204, response: '', trigger: 'manual', nextAt: null }),
    );
  });
  const ofMessage = async (options: object = {}) =>
    (await client.viewer.messageAttempt.listByMsg('acme', message, options)).data;
  const ids = async (options: object) => (await ofMessage(options)).map(({ id }) => id);

  it('are listed by message and by endpoint, the newest first, in the words that clients read', async () => {
    const attempts = await ofMessage();
    expect(attempts.map(({ id }) => id)).toEqual(['atmpt_3', 'atmpt_2', 'atmpt_1']);
    expect(attempts[0]).toMatchObject({ status: 0, statusText: 'success', triggerType: 1, responseStatusCode: 204 });
    expect(attempts[2]).toEqual({
      id: 'atmpt_1',
      msgId: message,
      endpointId: endpoint,
      url: 'https://acme.example/',
      response: 'Out of order',
      responseStatusCode: 500,
      responseDurationMs: 12,
      status: 2,
      statusText: 'fail',
      triggerType: 0,
      timestamp: new Date(NOW),
    });
    expect((await client.viewer.messageAttempt.listByEndpoint('acme', 'first')).data).toEqual(attempts);
  });

  it('are filtered by what became of them', async () => {
    expect(await ids({ status: MessageStatus.Success })).toEqual(['atmpt_3']);
    expect(await ids({ status: MessageStatus.Fail })).toEqual(['atmpt_2', 'atmpt_1']);
    expect(await ids({ status: MessageStatus.Sending })).toEqual([]);
    expect(await ids({ statusCodeClass: 500 })).toEqual(['atmpt_1']);
    expect(await ids({ statusCodeClass: 0 })).toEqual(['atmpt_2']);
    expect(await ids({ eventTypes: ['order.sent'] })).toEqual([]);
    expect(await ids({ channel: 'nobody-s' })).toEqual([]);
    expect(await ids({ tag: 'nobody-s' })).toEqual([]);
    expect(await ids({ endpointId: 'first' })).toHaveLength(3);
    expect((await refusal(ofMessage({ endpointId: 'nobody' }))).status).toBe(404);
    expect(await wrongPlaces(ofMessage({ statusCodeClass: 600 }))).toEqual(['query.status_code_class']);
  });

  it('are shown without what was said, or with their message', async () => {
    expect((await ofMessage({ withContent: false })).map(({ response }) => response)).toEqual(['{}', '{}', '{}']);
    const { messageAttempt } = client.viewer;
    const { data } = await messageAttempt.listByEndpoint('acme', endpoint, { withMsg: true });
    expect(data.map(({ msg }) => [msg?.id, msg?.payload])).toEqual(thrice([message, { n: 1 }]));
  });

  it('are got one by one, with both sides of the call', async () => {
    expect(await client.viewer.messageAttempt.get('acme', message, 'atmpt_1')).toMatchObject({ id: 'atmpt_1' });
    const { json } = await client.request('GET', `/api/v1/app/acme/msg/${message}/attempt/atmpt_1`);
    expect(json).toMatchObject({
      requestHeaders: { 'svix-id': message, Authorization: '…' },
      responseHeaders: { server: 'x', 'set-cookie': '…' },
      address: '203.0.113.9',
      nextAttempt: iso(NOW + HOUR),
    });
    expect((await refusal(client.viewer.messageAttempt.get('acme', message, 'atmpt_9'))).status).toBe(404);
  });

  it('have destinations, each as far as it has come', async () => {
    const { made, goingTo } = client.world.webhooks;
    const [one] = made;
    if (!one) throw new Error('There is an endpoint.');
    for (const state of ['delivered', 'pending', 'failed', 'cancelled'] as const)
      goingTo.push({ endpoint: { ...one, id: `ep_${state}` }, state, nextAt: state === 'pending' ? NOW + HOUR : null });

    const { data } = await client.viewer.messageAttempt.listAttemptedDestinations('acme', message);

    expect(data.map(({ id, status, statusText, nextAttempt }) => [id, status, statusText, nextAttempt])).toEqual([
      ['ep_delivered', 0, 'success', null],
      ['ep_pending', 1, 'pending', new Date(NOW + HOUR)],
      ['ep_failed', 2, 'fail', null],
      ['ep_cancelled', 4, 'canceled', null],
    ]);
  });
});
