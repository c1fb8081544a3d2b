import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NoSecretKey } from '../../../src/contracts/webhooks.js';
import { Client, refusal, wrongPlaces } from './client.js';

let client: Client;
let id: string;
beforeEach(async () => {
  client = await Client.start();
  await client.admin.application.create({ name: 'Acme', uid: 'acme' });
  ({ id } = await client.admin.endpoint.create('acme', { url: 'https://hooks.acme.example/' }));
  client.world.audited.length = 0;
});
afterEach(() => client.close());

const GIVEN = 'whsec_QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJC';
const key = async (): Promise<string> => (await client.admin.endpoint.getSecret('acme', id)).key;

describe('the secret of an endpoint', () => {
  it('is shown to admins, and each look is in the audit log without it', async () => {
    const shown = await key();

    expect(shown).toMatch(/^whsec_/);
    expect(client.world.audited).toMatchObject([
      { actor: 'token:admin', action: 'endpoint.read_secret', subject: id, before: null, after: { shown: true } },
    ]);
    expect(JSON.stringify([client.world.audited, [...client.world.changes]])).not.toContain(shown);
    expect((await refusal(client.operator.endpoint.getSecret('acme', id))).body).toEqual({
      code: 'insufficient access',
      detail: expect.stringContaining('admin'),
    });
  });

  it('is exchanged for one that is made or given', async () => {
    const before = await key();
    await client.admin.endpoint.rotateSecret('acme', id, {});
    const made = await key();
    await client.admin.endpoint.rotateSecret('acme', id, { key: GIVEN });

    expect(made).not.toBe(before);
    expect(await key()).toBe(GIVEN);
    const lines = client.world.audited.filter(({ action }) => action === 'endpoint.rotate_secret');
    expect(lines.map(({ after }) => after)).toEqual([{ secret: 'made' }, { secret: 'given' }]);
    expect(JSON.stringify(client.world.audited)).not.toContain('whsec');
  });

  it('is exchanged once for one Idempotency-Key', async () => {
    const rotate = () => client.admin.endpoint.rotateSecret('acme', id, {}, { idempotencyKey: 'k-1' });
    await rotate();
    const made = await key();
    await rotate();

    expect(await key()).toBe(made);
  });

  it('must be one, and overlaps for a day as always', async () => {
    const rotate = (body: object) => client.admin.endpoint.rotateSecret('acme', id, body);

    expect(await wrongPlaces(rotate({ key: 'whsec_x' }))).toEqual(['body.key']);
    expect(await wrongPlaces(rotate({ key: 'hunter2' }))).toEqual(['body.key']);
    expect((await refusal(rotate({ gracePeriodSeconds: 60 }))).status).toBe(501);
    await rotate({ gracePeriodSeconds: 86_400 });
  });

  it('cannot be kept where there is no key to encrypt it with: then it is said what to do', async () => {
    client.world.webhooks.endpoints.create = () => Promise.reject(new NoSecretKey());

    expect(await refusal(client.admin.endpoint.create('acme', { url: 'https://hooks.acme.example/' }))).toEqual({
      status: 409,
      body: { code: 'no_secret_key', detail: expect.stringContaining('SLIPWAY_SECRET_KEY') },
    });
  });
});

describe('headers of an endpoint', () => {
  const set = (headers: Record<string, string>) => client.admin.endpoint.updateHeaders('acme', id, { headers });
  const shown = () => client.admin.endpoint.getHeaders('acme', id);

  it('are set, changed and taken away; credentials are never shown', async () => {
    await set({ 'X-Team': 'ops', Authorization: 'Bearer hush', 'x-api-key': 'hush' });
    expect(await shown()).toEqual({ headers: { 'X-Team': 'ops' }, sensitive: ['Authorization', 'x-api-key'] });

    await client.request('PATCH', `/api/v1/app/acme/endpoint/${id}/headers`, {
      headers: { 'x-team': 'sre', 'X-New': '1', 'x-api-key': null },
      deleteHeaders: ['AUTHORIZATION'],
    });
    expect(await shown()).toEqual({ headers: { 'x-team': 'sre', 'X-New': '1' }, sensitive: [] });

    await set({});
    expect(await shown()).toEqual({ headers: {}, sensitive: [] });
    expect(client.world.audited).toHaveLength(3);
    expect(JSON.stringify(client.world.audited)).not.toMatch(/hush|sre/);
  });

  it('may be credentials under any name: who may not write them sees the names alone', async () => {
    await set({ 'X-Team': 'ops', 'X-Hook-Password': 'hush', Authorization: 'Bearer hush' });

    for (const caller of [client.viewer, client.operator])
      expect(await caller.endpoint.getHeaders('acme', id)).toEqual({
        headers: {},
        sensitive: ['X-Team', 'X-Hook-Password', 'Authorization'],
      });
    expect((await shown()).headers).toEqual({ 'X-Team': 'ops', 'X-Hook-Password': 'hush' });
  });

  it("are none of the sender's own, and nothing that is no header", async () => {
    const wrong = (headers: Record<string, string>) => wrongPlaces(set(headers));

    for (const name of ['Content-Type', 'user-agent', 'svix-signature', 'webhook-id', 'Host', 'x-amz-date', 'a b', ''])
      expect(await wrong({ [name]: 'x' })).toEqual([`body.headers.${name}`]);
    expect(await wrong({ 'X-Team': 'two\r\nlines' })).toEqual(['body.headers.X-Team']);
    expect(await wrong({ 'X-Team': 'x'.repeat(4097) })).toEqual(['body.headers.X-Team']);
    expect(await shown()).toEqual({ headers: {}, sensitive: [] });
  });
});
