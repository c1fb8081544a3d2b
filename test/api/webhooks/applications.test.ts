import { Ordering } from 'svix/dist/models/ordering.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Client, refusal, wrongPlaces } from './client.js';

let client: Client;
beforeEach(async () => {
  client = await Client.start();
});
afterEach(() => client.close());

describe('an application', () => {
  it('is made once for its uid, and got from then on', async () => {
    const { application } = client.admin;
    const made = await application.getOrCreate({ name: 'Acme', uid: 'acme', metadata: { plan: 'pro' } });
    const again = await application.getOrCreate({ name: 'Other', uid: 'acme' });

    expect(made).toMatchObject({ name: 'Acme', uid: 'acme', metadata: { plan: 'pro' }, createdAt: expect.any(Date) });
    expect(again).toEqual(made);
    expect(client.world.audited.map(({ action }) => action)).toEqual(['application.create']);
    expect((await refusal(application.create({ name: 'Other', uid: 'acme' }))).status).toBe(409);
  });

  it('is got by id and by uid; what is not there is 404', async () => {
    const made = await client.admin.application.create({ name: 'Acme', uid: 'acme' });

    expect(await client.viewer.application.get(made.id)).toEqual(made);
    expect(await client.viewer.application.get('acme')).toEqual(made);
    expect(await refusal(client.viewer.application.get('nobody'))).toEqual({
      status: 404,
      body: { code: 'not_found', detail: 'There is no application "nobody" here.' },
    });
    expect((await refusal(client.viewer.application.get('\0'))).status).toBe(404);
  });

  it('is replaced by an update, made by one where there is none, and patched field by field', async () => {
    const { application } = client.admin;
    const made = await application.update('unheard-of', { name: 'Acme', uid: 'acme', throttleRate: 10 });
    expect(made).toMatchObject({ uid: 'acme', throttleRate: 10, rateLimit: 10 });

    const patched = await application.patch('acme', { metadata: { plan: 'pro' } });
    expect(patched).toMatchObject({ name: 'Acme', uid: 'acme', throttleRate: 10, metadata: { plan: 'pro' } });
    expect(await application.patch('acme', { throttleRate: null })).toMatchObject({ throttleRate: null });

    expect(await application.update('acme', { name: 'Acme Inc' })).toMatchObject({
      id: made.id,
      name: 'Acme Inc',
      uid: null,
      metadata: {},
    });
  });

  it('is deleted with its endpoints, and its uid is free again', async () => {
    const { admin, world } = client;
    const made = await admin.application.create({ name: 'Gone', uid: 'gone' });
    await admin.endpoint.create('gone', { url: 'https://hooks.acme.example/in' });
    await admin.application.delete('gone');

    expect((await refusal(admin.application.get(made.id))).status).toBe(404);
    expect((await refusal(admin.application.delete('gone'))).status).toBe(404);
    expect(world.webhooks.made.filter(({ application }) => application === made.id)).toEqual([]);
    expect(world.audited.at(-1)).toMatchObject({ action: 'application.delete', subject: made.id, after: null });
    await admin.application.create({ name: 'Another', uid: 'gone' });
    expect((await refusal(admin.application.delete('slipway'))).status).toBe(409);
  });

  it('of Slipway itself is there from the start and cannot be changed', async () => {
    expect(await client.admin.application.getOrCreate({ name: 'x', uid: 'slipway' })).toMatchObject({
      id: 'app_slipway',
    });
    expect((await refusal(client.admin.application.patch('slipway', { name: 'Mine' }))).status).toBe(409);
    expect((await refusal(client.admin.application.update('slipway-test', { name: 'Mine' }))).status).toBe(409);
  });

  it('needs a name, a uid that does not begin like an id, a rate above nothing, and small metadata', async () => {
    const create = (more: object): Promise<string[]> =>
      wrongPlaces(client.admin.application.create({ name: 'Acme', ...more }));

    expect(await create({ name: '' })).toEqual(['body.name']);
    expect(await create({ name: undefined })).toEqual(['body.name']);
    expect(await create({ name: 'a\0b' })).toEqual(['body.name']);
    expect(await create({ uid: 'app_mine' })).toEqual(['body.uid']);
    expect(await create({ uid: 'no spaces' })).toEqual(['body.uid']);
    for (const uid of ['.', '..']) expect(await create({ uid })).toEqual(['body.uid']);
    expect(await create({ uid: 'x'.repeat(257) })).toEqual(['body.uid']);
    expect(await create({ throttleRate: 0 })).toEqual(['body.throttleRate']);
    expect(await create({ metadata: { big: 'x'.repeat(5000) } })).toEqual(['body.metadata']);
    expect(await create({ metadata: { n: 1 } })).toEqual(['body.metadata.n']);
    expect(client.world.audited).toEqual([]);
  });
});

describe('a list', () => {
  it('is walked to its end and back, in either order', async () => {
    for (let n = 1; n <= 5; n++) await client.admin.application.create({ name: `App ${n}` });
    const { application } = client.viewer;
    const names = (page: { data: { name: string }[] }): string[] => page.data.map(({ name }) => name);

    const first = await application.list({ limit: 3 });
    const second = await application.list({ limit: 3, iterator: first.iterator });
    const third = await application.list({ limit: 3, iterator: second.iterator });
    expect([first, second, third].map(names)).toEqual([
      ['Slipway', 'Slipway, test mode', 'App 1'],
      ['App 2', 'App 3', 'App 4'],
      ['App 5'],
    ]);
    expect([first.done, second.done, third.done]).toEqual([false, false, true]);
    expect(names(await application.list({ limit: 3, iterator: second.prevIterator ?? null }))).toEqual(names(first));
    expect(names(await application.list({ limit: 2, order: Ordering.Descending }))).toEqual(['App 5', 'App 4']);
  });

  it('has 1 to 250 rows a page, and no iterator of another list', async () => {
    const { application } = client.viewer;
    expect(await wrongPlaces(application.list({ limit: 251 }))).toEqual(['query.limit']);
    expect(await wrongPlaces(application.list({ limit: 0 }))).toEqual(['query.limit']);
    expect(await wrongPlaces(application.list({ iterator: 'BAD-$$$' }))).toEqual(['query.iterator']);
    expect((await application.list({ limit: 250 })).done).toBe(true);
  });
});
