import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Endpoint } from '../../../src/contracts/webhooks.js';
import { Client, refusal, wrongPlaces } from './client.js';

let client: Client;
beforeEach(async () => {
  client = await Client.start();
  await client.admin.application.create({ name: 'Acme', uid: 'acme' });
  await client.admin.eventType.create({ name: 'order.paid', description: 'An order was paid' });
  client.world.audited.length = 0;
});
afterEach(() => client.close());

const URL = 'https://hooks.acme.example/in';
const create = (more: object = {}) => client.admin.endpoint.create('acme', { url: URL, ...more });

describe('an endpoint', () => {
  it('is made with what was asked for, and shown without its secret', async () => {
    const made = await create({
      uid: 'first',
      description: 'The first',
      filterTypes: ['order.paid', 'onboarding.*', 'order.paid'],
      channels: ['eu'],
      throttleRate: 50,
      metadata: { team: 'ops' },
      secret: 'whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz',
      headers: { 'X-Team': 'ops' },
    });

    expect(made).toMatchObject({
      id: expect.stringMatching(/^ep_/),
      uid: 'first',
      url: URL,
      description: 'The first',
      filterTypes: ['order.paid', 'onboarding.*'],
      channels: ['eu'],
      throttleRate: 50,
      rateLimit: 50,
      metadata: { team: 'ops' },
      disabled: false,
      version: 1,
      createdAt: expect.any(Date),
    });
    expect(await client.viewer.endpoint.get('acme', 'first')).toEqual(made);
    expect((await client.viewer.endpoint.list('acme')).data).toEqual([made]);
    const { status, text } = await client.request('GET', `/api/v1/app/acme/endpoint/first`);
    expect([status, text.includes('whsec')]).toEqual([200, false]);
    expect(client.world.audited).toMatchObject([
      {
        actor: 'token:admin',
        action: 'endpoint.create',
        subject: made.id,
        before: null,
        after: { host: 'hooks.acme.example', types: 'order.paid onboarding.*', disabled: null },
      },
    ]);
    expect(JSON.stringify(client.world.audited)).not.toMatch(/whsec|\/in/);
  });

  it('keeps what others changed of it, or that it was disabled, between a look at it and a change', async () => {
    const { id } = await create();
    const { endpoints, made } = client.world.webhooks;
    const { update } = endpoints;
    const meanwhile = (...changes: object[]) => {
      endpoints.update = async (before, settings) => {
        const nth = made.findIndex((one) => one.id === id);
        made.splice(nth, 1, { ...(made[nth] as Endpoint), ...changes.shift() });
        return update(before, settings);
      };
    };
    meanwhile({ disabled: 'failing' }, { description: 'By another', version: 7 });
    const patched = await client.admin.endpoint.patch('acme', id, { metadata: { team: 'ops' } });
    expect(patched).toMatchObject({ disabled: true, description: 'By another', metadata: { team: 'ops' } });
    expect(made.find((one) => one.id === id)?.version).toBe(8);

    meanwhile({ headers: { 'X-One': '1' }, version: 9 });
    await client.admin.endpoint.patchHeaders('acme', id, { headers: { 'X-Two': '2' } });
    expect((await client.admin.endpoint.getHeaders('acme', id)).headers).toEqual({ 'X-One': '1', 'X-Two': '2' });

    let version = 100;
    meanwhile(...Array.from({ length: 9 }, () => ({ version: version++ })));
    expect((await refusal(client.admin.endpoint.patch('acme', id, { description: 'x' }))).status).toBe(409);
  });

  it('takes its types by their newer name too', async () => {
    const { json } = await client.request('POST', '/api/v1/app/acme/endpoint', {
      url: URL,
      eventTypes: ['order.paid'],
    });

    expect([json.eventTypes, json.filterTypes]).toEqual([['order.paid'], ['order.paid']]);
  });

  it('is replaced by an update, but for its headers, and made by one where there is none', async () => {
    const made = await create({ uid: 'first', description: 'The first', channels: ['eu'], disabled: true });
    await client.admin.endpoint.updateHeaders('acme', 'first', { headers: { 'X-Team': 'ops' } });

    const updated = await client.admin.endpoint.update('acme', 'first', { url: `${URL}/2` });
    expect(updated).toMatchObject({ id: made.id, uid: null, description: '', channels: null, disabled: false });
    expect(updated.url).toBe(`${URL}/2`);
    expect((await client.admin.endpoint.getHeaders('acme', made.id)).headers).toEqual({ 'X-Team': 'ops' });

    const put = await client.request('PUT', '/api/v1/app/acme/endpoint/unheard-of/', { url: URL, uid: 'other' });
    expect([put.status, put.json.uid]).toEqual([201, 'other']);
  });

  it('is patched field by field; null takes away', async () => {
    await create({ uid: 'first', filterTypes: ['order.paid'], channels: ['eu'], throttleRate: 5, description: 'One' });
    const patch = (body: object) => client.admin.endpoint.patch('acme', 'first', body);

    expect(await patch({ description: 'Two' })).toMatchObject({
      description: 'Two',
      throttleRate: 5,
      channels: ['eu'],
    });
    expect(await patch({ filterTypes: null })).toMatchObject({ filterTypes: null, channels: ['eu'] });
    expect(await patch({ channels: null, throttleRate: null })).toMatchObject({ channels: null, throttleRate: null });
    expect(await patch({ disabled: true })).toMatchObject({ disabled: true, description: 'Two' });
    expect(await patch({ url: 'http://2130706433:80/x' })).toMatchObject({ url: 'http://127.0.0.1/x', disabled: true });
    expect(await patch({ disabled: false })).toMatchObject({ disabled: false });
    expect((await refusal(patch({ secret: 'whsec_x' }))).status).toBe(501);
    expect(await patch({ uid: null })).toMatchObject({ uid: null });
    expect((await refusal(patch({ description: 'Three' }))).status).toBe(404);
  });

  it('keeps the version that it is given, which is 1 unless it is', async () => {
    const { id } = await create();
    const patch = (body: object) => client.admin.endpoint.patch('acme', id, body);
    const version = async (body: object) => (await patch(body)).version;

    expect(await version({ description: 'Changed' })).toBe(1);
    expect(await version({ version: 2 })).toBe(2);
    const given = await client.request('POST', '/api/v1/app/acme/endpoint', { url: URL, version: null });
    expect([given.status, given.json.version]).toEqual([201, 1]);
    await client.admin.endpoint.updateHeaders('acme', id, { headers: {} });
    expect(await version({ description: 'Once more' })).toBe(2);
    expect(await wrongPlaces(patch({ version: 0 }))).toEqual(['body.version']);
  });

  it('is gone once it is deleted', async () => {
    const made = await create();
    await client.admin.endpoint.delete('acme', made.id);

    expect((await refusal(client.viewer.endpoint.get('acme', made.id))).status).toBe(404);
    expect((await refusal(client.admin.endpoint.delete('acme', made.id))).status).toBe(404);
  });

  it('is of its application alone', async () => {
    const made = await create({ uid: 'first' });
    await client.admin.application.create({ name: 'Other', uid: 'other' });

    expect((await refusal(client.viewer.endpoint.get('other', made.id))).status).toBe(404);
    expect((await refusal(client.viewer.endpoint.get('nobody', made.id))).status).toBe(404);
    expect((await refusal(create({ uid: 'first' }))).status).toBe(409);
    await client.admin.endpoint.create('other', { url: URL, uid: 'first' });
  });

  it('is refused where a field is wrong, and told which', async () => {
    const wrong = (more: object): Promise<string[]> => wrongPlaces(create(more));

    expect(await wrong({ url: 'not a url' })).toEqual(['body.url']);
    expect(await wrong({ url: 'ftp://acme.example/' })).toEqual(['body.url']);
    expect(await wrong({ url: undefined })).toEqual(['body.url']);
    expect(await wrong({ uid: 'ep_mine', throttleRate: 70_000 })).toEqual(['body.uid', 'body.throttleRate']);
    for (const uid of ['.', '..']) expect(await wrong({ uid })).toEqual(['body.uid']);
    expect(await wrong({ filterTypes: [] })).toEqual(['body.filterTypes']);
    expect(await wrong({ filterTypes: ['&&'] })).toEqual(['body.filterTypes.[0]']);
    expect(await wrong({ filterTypes: ['nobody.described'] })).toEqual(['body.filterTypes']);
    expect(await wrong({ channels: [] })).toEqual(['body.channels']);
    expect(await wrong({ channels: Array.from({ length: 11 }, (_, n) => `c${n}`) })).toEqual(['body.channels']);
    expect(await wrong({ secret: 'whsec_short' })).toEqual(['body.secret']);
    expect(await wrong({ secret: `whsec_${'A'.repeat(104)}` })).toEqual(['body.secret']);
    expect(await wrong({ headers: { 'svix-id': 'x' } })).toEqual(['body.headers.svix-id']);
    expect((await client.viewer.endpoint.list('acme')).data).toEqual([]);
    expect(client.world.audited).toEqual([]);
  });

  it('may not have an address that must not be called, and hears why', async () => {
    expect(await refusal(create({ url: 'https://private.example/' }))).toEqual({
      status: 422,
      body: {
        detail: [{ loc: ['body', 'url'], msg: 'That address is private: take a public one.', type: 'value_error' }],
      },
    });
    const { id } = await create();
    expect(await wrongPlaces(client.admin.endpoint.patch('acme', id, { url: 'https://private.example/' }))).toEqual([
      'body.url',
    ]);
  });

  it('keeps an archived type that it has, and takes on none', async () => {
    const { id } = await create({ filterTypes: ['order.paid'] });
    await client.admin.eventType.delete('order.paid');

    expect(
      await client.admin.endpoint.patch('acme', id, { description: 'x', filterTypes: ['order.paid'] }),
    ).toBeTruthy();
    expect(await wrongPlaces(create({ filterTypes: ['order.paid'] }))).toEqual(['body.filterTypes']);
  });
});

describe('the order of deliveries', () => {
  it('is asked for in metadata, which every client can send, and shown there', async () => {
    const made = await create({ uid: 'first', metadata: { 'slipway-ordered': 'true', team: 'ops' } });
    const endpoints = client.world.webhooks.made;

    expect(made.metadata).toEqual({ 'slipway-ordered': 'true', team: 'ops' });
    expect(endpoints[0]).toMatchObject({ ordered: true, metadata: { team: 'ops' } });
    await client.admin.endpoint.patch('acme', 'first', {
      metadata: made.metadata,
      description: 'Read and written back',
    });
    expect(endpoints[0]?.ordered).toBe(true);
    await client.admin.endpoint.update('acme', 'first', { url: URL, uid: 'first' });
    expect(endpoints[0]?.ordered).toBe(true);
    await client.admin.endpoint.patch('acme', 'first', { metadata: { team: 'ops' } });
    expect(endpoints[0]?.ordered).toBe(false);
  });

  it('is also a field of its own, which others let pass', async () => {
    const made = await client.request('POST', '/api/v1/app/acme/endpoint', { url: URL, ordered: true });
    expect(made.json).toMatchObject({ ordered: true, metadata: { 'slipway-ordered': 'true' } });

    const patched = await client.request('PATCH', `/api/v1/app/acme/endpoint/${made.json.id}`, { ordered: false });
    expect(patched.json).toMatchObject({ ordered: false, metadata: {} });
  });
});

describe('a ping', () => {
  const pings = () => client.world.webhooks.sent.filter(({ eventType }) => eventType === 'webhook.ping');

  it("is sent to a new endpoint of Slipway's own applications, and to it alone", async () => {
    const live = await client.admin.endpoint.create('slipway', { url: URL });
    const test = await client.admin.endpoint.create('slipway-test', { url: URL });

    expect(pings().map(({ onlyTo, application }) => [application, onlyTo])).toEqual([
      ['app_slipway', live.id],
      ['app_slipway_test', test.id],
    ]);
    expect(pings().map(({ payload }) => JSON.parse(payload))).toEqual([
      {
        id: `evt_ping_${live.id}`,
        type: 'webhook.ping',
        timestamp: expect.stringMatching(/Z$/),
        org: null,
        livemode: true,
        data: { object: { endpoint_id: live.id } },
      },
      expect.objectContaining({ livemode: false }),
    ]);
  });

  it("is sent to no other's endpoint, and to none that is disabled", async () => {
    await create();
    await client.admin.endpoint.create('slipway', { url: URL, disabled: true });

    expect(pings()).toEqual([]);
  });

  it('that cannot be sent leaves the endpoint standing', async () => {
    client.world.webhooks.messages.create = () => Promise.reject(new Error('away'));
    const made = await client.admin.endpoint.create('slipway', { url: URL });

    expect((await client.viewer.endpoint.get('slipway', made.id)).url).toBe(URL);
    expect(client.world.logged).toEqual([expect.stringContaining('no ping')]);
  });
});

describe('the statistics of an endpoint', () => {
  it('are counted by state', async () => {
    const { id } = await create();

    expect(await client.viewer.endpoint.getStats('acme', id)).toEqual({
      success: 1,
      pending: 2,
      sending: 3,
      fail: 4,
      canceled: 0,
    });
  });

  it('are of 28 days at most, and of no future', async () => {
    const { id } = await create();
    const now = client.world.deps().now();
    const ask = (since: number, until: number) =>
      refusal(client.viewer.endpoint.getStats('acme', id, { since: new Date(since), until: new Date(until) }));

    expect((await ask(now - 29 * 86_400_000, now)).body.code).toBe('invalid_range');
    expect(await ask(now, now + 1000)).toMatchObject({ status: 400, body: { code: 'invalid_range' } });
  });
});
