import { MessageStatus, Svix } from 'svix';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { StoredChanges } from '../../../src/store/idempotency.js';
import { TestPostgres } from '../../support/postgres.js';
import { type Desk, desk } from '../../store/webhooks/desk.js';
import { type Served, serve } from '../served.js';
import { HOUR } from '../views.js';
import { World } from '../world.js';
import { refusal, wrongPlaces } from './client.js';

/** The official client against the real store: what the console asks of it fits what it answers. */
let postgres: TestPostgres;
let url: string;
let store: Desk;
let api: Served;
let svix: Svix;
beforeAll(async () => {
  postgres = await TestPostgres.start();
  url = await postgres.database();
  store = desk(url);
  const changes = new StoredChanges(store.db, 'server-1', Date.now);
  api = await serve(new World().deps({ token: 'tok', webhooks: store, changes, now: () => store.clock.now }));
  svix = new Svix('tok', { serverUrl: api.url, numRetries: 0 });
});
afterAll(async () => {
  await api?.close();
  await store?.close();
  await postgres?.stop();
});

let app: string;
beforeEach(async () => {
  app = (await svix.application.create({ name: 'Acme' })).id;
  await svix.eventType.create({ name: 'order.paid', description: 'An order was paid' }).catch(() => undefined);
});

const URL = 'https://hooks.acme.example/in';

describe('on the real store', () => {
  it('applications are made once for a uid, patched and listed', async () => {
    const made = await svix.application.getOrCreate({ name: 'Uid', uid: 'uid-1', metadata: { plan: 'pro' } });
    expect(await svix.application.getOrCreate({ name: 'Uid', uid: 'uid-1' })).toEqual(made);
    expect(await svix.application.patch('uid-1', { throttleRate: 7 })).toMatchObject({ throttleRate: 7, uid: 'uid-1' });
    expect((await refusal(svix.application.create({ name: 'x', uid: 'uid-1' }))).status).toBe(409);
    expect((await refusal(svix.application.patch(app, { uid: 'uid-1' }))).status).toBe(409);
    const page = await svix.application.list({ limit: 2 });
    expect(page.data.map(({ uid }) => uid)).toEqual(['slipway', 'slipway-test']);
    expect((await svix.application.list({ iterator: page.iterator })).data.some(({ id }) => id === app)).toBe(true);
    expect(await wrongPlaces(svix.application.list({ iterator: 'BAD-$$$' }))).toEqual(['query.iterator']);
  });

  it('an endpoint lives from its creation to its end, with its secret and headers', async () => {
    const made = await svix.endpoint.create(app, {
      url: URL,
      uid: 'first',
      filterTypes: ['order.paid'],
      metadata: { 'slipway-ordered': 'true', team: 'ops' },
    });
    expect(await svix.endpoint.get(app, 'first')).toEqual(made);
    const before = await svix.endpoint.getSecret(app, made.id);
    await svix.endpoint.rotateSecret(app, made.id, {});
    expect((await svix.endpoint.getSecret(app, 'first')).key).not.toBe(before.key);
    await svix.endpoint.updateHeaders(app, 'first', { headers: { 'X-Team': 'ops', Authorization: 'hush' } });
    expect(await svix.endpoint.getHeaders(app, 'first')).toEqual({
      headers: { 'X-Team': 'ops' },
      sensitive: ['Authorization'],
    });
    const patched = await svix.endpoint.patch(app, 'first', { disabled: true, description: 'Off' });
    expect(patched).toMatchObject({ disabled: true, filterTypes: ['order.paid'], metadata: made.metadata });
    expect((await refusal(svix.endpoint.create(app, { url: URL, uid: 'first' }))).status).toBe(409);
    await svix.endpoint.delete(app, 'first');
    expect((await refusal(svix.endpoint.get(app, made.id))).status).toBe(404);
  });

  it('event types come and go', async () => {
    const { eventType } = svix;
    await eventType.update('b.c', { description: 'B', schemas: { 1: { examples: [{ n: 1 }] } } });
    expect(await eventType.patch('b.c', { deprecated: true })).toMatchObject({
      deprecated: true,
      schemas: { '1': { examples: [{ n: 1 }] } },
    });
    expect((await refusal(eventType.create({ name: 'b.c', description: 'x' }))).body.code).toBe('event_type_exists');
    await eventType.delete('b.c');
    expect((await eventType.list({})).data.some(({ name }) => name === 'b.c')).toBe(false);
    expect(await eventType.create({ name: 'b.c', description: 'Again' })).toMatchObject({ archived: false });
    await eventType.delete('b.c', { expunge: true });
    expect((await refusal(eventType.get('b.c'))).status).toBe(404);
  });

  it('what was sent is listed, filtered, recovered, replayed and sent again', async () => {
    const { id } = await svix.endpoint.create(app, { url: URL, uid: 'first' });
    const [one, two] = [
      await store.message(app, { event_id: 'order-1', tags: ['vip'] }),
      await store.message(app, { event_type: 'order.sent', channels: ['eu'] }),
    ];
    await store.delivery(id, one.seq, { state: 'failed', tries: 8, next_ms: null });
    for (const status of [500, 0, 404]) await store.attempt(id, one.seq, { succeeded: false, status, response: 'No' });
    const ids = async (options: object) => (await svix.message.list(app, options)).data.map((message) => message.id);
    expect(await ids({})).toEqual([two.id, one.id]);
    expect(await ids({ eventTypes: ['order.sent'], channel: 'eu' })).toEqual([two.id]);
    expect(await ids({ tag: 'vip', after: new Date(store.clock.now), before: new Date(store.clock.now + 1) })).toEqual([
      one.id,
    ]);
    expect((await svix.message.get(app, 'order-1')).payload).toEqual({ n: 1 });

    const codes = async (options: object) =>
      (await svix.messageAttempt.listByMsg(app, 'order-1', options)).data.map((one) => one.responseStatusCode);
    expect(await codes({})).toEqual([404, 0, 500]);
    expect(await codes({ statusCodeClass: 0 })).toEqual([0]);
    expect(await codes({ statusCodeClass: 400, status: MessageStatus.Fail, endpointId: 'first' })).toEqual([404]);
    const { data } = await svix.messageAttempt.listByEndpoint(app, 'first', { limit: 1, withMsg: true });
    expect(data.map(({ msg }) => msg?.eventId)).toEqual(['order-1']);
    const attempt = await svix.messageAttempt.get(app, one.id, data[0]?.id ?? '');
    expect(attempt).toMatchObject({ status: 2, endpointId: id });
    const states = async () =>
      (await svix.messageAttempt.listAttemptedDestinations(app, one.id)).data.map(({ status }) => status);
    expect(await states()).toEqual([2]);
    store.clock.now += 1;
    expect(await svix.endpoint.getStats(app, id)).toEqual({ success: 0, pending: 0, sending: 0, fail: 1, canceled: 0 });

    const since = new Date(store.clock.now - HOUR);
    expect(await svix.endpoint.recover(app, id, { since })).toMatchObject({
      status: 'finished',
      task: 'endpoint.recover',
    });
    expect(await states()).toEqual([1]);
    expect(await svix.endpoint.replayMissing(app, id, { since })).toMatchObject({ task: 'endpoint.replay' });
    await svix.messageAttempt.resend(app, two.id, id);
    await svix.messageAttempt.resend(app, two.id, id, { idempotencyKey: 'k-1' });
    await svix.messageAttempt.resend(app, two.id, id, { idempotencyKey: 'k-1' });
    const deliveries = await store.queued(id);
    expect(deliveries.map(({ state, manual }) => [state, manual])).toEqual([
      ['pending', true],
      ['pending', true],
    ]);
    const lines = await postgres.query(url, "select action from audit where subject = any(array['" + two.id + "'])");
    expect(lines).toHaveLength(2);
  });
});
