import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Svix } from 'svix';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { webhookRoutes } from '../../../src/api/webhooks/router.js';
import { StoreUnavailable } from '../../../src/contracts/inbox.js';
import { serve } from '../served.js';
import { World } from '../world.js';
import { webhooksReference } from './reference.js';
import { Client, refusal } from './client.js';

let client: Client;
beforeEach(async () => {
  client = await Client.start();
});
afterEach(() => client.close());

const shape = (status: number, code: string) => ({ status, body: { code, detail: expect.stringMatching(/\.$/) } });

describe('a refusal is told in the words that clients of Svix read', () => {
  it('without a right token', async () => {
    const nobody = new Svix('wrong', { serverUrl: client.api.url, numRetries: 0 });

    expect(await refusal(nobody.application.list())).toEqual(shape(401, 'authentication_failed'));
    const { status, headers, json } = await client.api.get('/api/v1/app/x/msg/y');
    expect([status, json.code, headers['www-authenticate']]).toEqual([
      401,
      'authentication_failed',
      'Bearer realm="slipway"',
    ]);
    expect((await client.api.get('/api/v1/onboardings')).json.error.code).toBe('Unauthorized');
  });

  it('without the role', async () => {
    expect(await refusal(client.viewer.application.create({ name: 'x' }))).toEqual(shape(403, 'insufficient access'));
    expect((await refusal(client.viewer.message.create('slipway', { eventType: 'a', payload: {} }))).status).toBe(403);
  });

  it('for a body that is no JSON, whatever it is called', async () => {
    for (const body of ['{"name":', '"text"', 'name=x']) {
      const { status, json } = await client.request('POST', '/api/v1/app', body, { 'content-type': 'text/plain' });
      expect([status, json.detail[0]?.loc, json.detail[0]?.type]).toEqual([422, ['body'], 'value_error.jsondecode']);
    }
    const asForm = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await client.request('POST', '/api/v1/app', { name: 'x' }, asForm)).status).toBe(201);
    expect((await client.request('POST', '/api/v1/app')).json.detail).toEqual([
      { loc: ['body', 'name'], msg: 'This field is required.', type: 'value_error.missing' },
    ]);
    expect((await client.request('POST', '/api/v1/app', { name: 'x'.repeat(300_000) })).status).toBe(413);
  });

  it('for a path and a method that nobody knows', async () => {
    const there = await client.request('GET', '/api/v1/app/slipway/nothing/here');
    expect([there.status, there.json.code]).toEqual([404, 'not_found']);
    const posted = await client.request('POST', '/api/v1/app/slipway', {});
    expect([posted.status, posted.json.code, posted.headers.allow]).toEqual([
      405,
      'method_not_allowed',
      'GET, HEAD, PUT, PATCH, DELETE',
    ]);
  });

  it('for an Idempotency-Key that came with another body, or is none', async () => {
    const create = (body: object, key: string) =>
      client.request('POST', '/api/v1/app', body, { 'idempotency-key': key });
    await create({ name: 'x' }, 'k-1');

    const other = await create({ name: 'y' }, 'k-1');
    expect([other.status, other.json.detail[0].loc]).toEqual([422, ['header', 'idempotency-key']]);
    expect((await create({ name: 'y' }, 'k 2')).status).toBe(422);
  });

  it('where the store is away, and where something fails that nobody expected', async () => {
    const { applications } = client.world.webhooks;
    applications.list = () => Promise.reject(new StoreUnavailable('away'));
    expect(await client.request('GET', '/api/v1/app')).toMatchObject({ status: 503, json: { code: 'unavailable' } });

    applications.list = () => Promise.reject(new Error('whsec_secret'));
    const { status, text } = await client.request('GET', '/api/v1/app');
    expect([status, JSON.parse(text).code, text.includes('whsec')]).toEqual([500, 'server_error', false]);
  });

  it('for another site', async () => {
    const foreign = await client.request('POST', '/api/v1/app', { name: 'x' }, { origin: 'https://evil.example' });
    expect([foreign.status, foreign.json.code]).toEqual([403, 'insufficient access']);
  });
});

describe('a change', () => {
  it('is made once for one Idempotency-Key and answered as the first was, whoever made the key up', async () => {
    const create = (key: string) => client.request('POST', '/api/v1/app', { name: 'x' }, { 'idempotency-key': key });
    const [first, again] = [await create('auto_1'), await create('auto_1')];

    expect([again.status, again.json]).toEqual([201, first.json]);
    expect((await create('auto_2')).json.id).not.toBe(first.json.id);
    expect(client.world.webhooks.apps).toHaveLength(4);
    expect(client.world.audited).toHaveLength(2);
  });

  it('is made on this machine where no token is set', async () => {
    const open = await serve(client.world.deps());
    const { status } = await open.post('/api/v1/app', { name: 'x' });
    await open.close();

    expect([status, client.world.audited[0]?.actor]).toEqual([201, 'local']);
  });
});

/** What the official client of this version can ask for, read out of it. */
function callsOfTheClient(): string[] {
  const dir = join(dirname(createRequire(import.meta.url).resolve('svix')), 'api');
  const files = readdirSync(dir).filter((file) => file.endsWith('.js'));
  const sources = files.map((file) => readFileSync(join(dir, file), 'utf8')).join('\n');
  const calls = [...sources.matchAll(/HttpMethod\.(\w+),\s*[`"']([^`"']+)/g)];
  return [...new Set(calls.map(([, method = '', path = '']) => `${method} ${path}`))];
}

describe('every call of the official client', () => {
  it('is served, or answered 501 with a sentence', async () => {
    const served = webhookRoutes(client.world.deps()).filter(({ lacks }) => !lacks);
    const calls = callsOfTheClient();
    const answers = new Map<string, number>();
    for (const call of calls) {
      const [method = '', path = ''] = call.split(' ');
      const { status, json } = await client.request(method, path.replace(/\{\w+\}/g, 'x'), {});
      answers.set(call, status);
      if (status === 501) expect(json).toEqual(shape(501, 'not_implemented').body);
      if (status === 404) expect(json.detail).toMatch(/^There is no (application|event type) "x" here\.$/);
    }

    expect(calls.length).toBeGreaterThan(100);
    expect([...answers].filter(([, status]) => status === 405)).toEqual([]);
    expect([...answers].filter(([, status]) => status !== 501)).toHaveLength(served.length);
  });
});

it('docs/webhooks-api.md is what the router says', async () => {
  await expect(webhooksReference(webhookRoutes(new World().deps()))).toMatchFileSnapshot(
    '../../../docs/webhooks-api.md',
  );
});
