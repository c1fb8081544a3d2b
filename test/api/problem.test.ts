import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreUnavailable } from '../../src/contracts/inbox.js';
import { type Served, serve } from './served.js';
import { anOnboarding } from './views.js';
import { World } from './world.js';

const HOLD = '/api/v1/onboardings/onb_1/hold';
const JSON_TYPE = { 'content-type': 'application/json' };

let world: World;
let api: Served;
const serveWith = async (more: Parameters<World['deps']>[0] = {}) => {
  await api?.close();
  api = await serve(world.deps(more));
};
beforeEach(async () => {
  world = new World();
  world.add(anOnboarding('onb_1'));
  await serveWith();
});
afterEach(() => api.close());

describe('a body that cannot be read', () => {
  it.each(['{"by":', 'by=mia', '"text"', 'null', '\u0000'])('is 400 where it is no JSON object: %j', async (body) => {
    const answer = await api.request('POST', HOLD, { headers: JSON_TYPE, body });

    expect([answer.status, answer.json.error.code]).toEqual([400, 'MalformedJson']);
  });

  it('is 422 where it is a list', async () => {
    expect((await api.request('POST', HOLD, { headers: JSON_TYPE, body: '[]' })).status).toBe(422);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=latin1',
  ])('is 415 as %s', async (type) => {
    const answer = await api.request('POST', HOLD, { headers: { 'content-type': type }, body: '{"by":"mia"}' });

    expect([answer.status, answer.json.error.code]).toEqual([415, 'UnsupportedMediaType']);
  });

  it('is 415 without a type, and 422 where it is missing', async () => {
    expect((await api.request('POST', HOLD, { body: '{"by":"mia"}' })).status).toBe(415);
    const missing = await api.request('POST', HOLD);
    expect([missing.status, missing.json.error.field]).toEqual([422, 'by']);
  });

  it('is 413 where it is too large, also when it was sent small', async () => {
    const large = JSON.stringify({ by: 'mia', state: 'waiting', reason: 'x'.repeat(70_000) });
    expect((await api.request('POST', HOLD, { headers: JSON_TYPE, body: large })).status).toBe(413);

    const packed = await fetch(`${api.url}${HOLD}`, {
      method: 'POST',
      headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
      body: gzipSync(large),
    });
    expect(packed.status).toBe(413);
  });

  it('does not reach the prototype of anything', async () => {
    const answer = await api.request('POST', HOLD, {
      headers: JSON_TYPE,
      body: '{"by":"mia","state":"waiting","reason":"x","__proto__":{"all":true}}',
    });

    expect([200, 422]).toContain(answer.status);
    expect(({} as Record<string, unknown>)['all']).toBeUndefined();
  });
});

describe('a request that leads nowhere', () => {
  it('is 404 with the place where the routes are listed', async () => {
    for (const path of ['/api/v1/nowhere', '/api/v2/onboardings', '/API/v1/onboardings', '/favicon.ico']) {
      const answer = await api.get(path);
      expect([answer.status, answer.json.error.code]).toEqual([404, 'UnknownRoute']);
      expect(answer.json.error.message).toContain('/openapi.json');
    }
  });

  it.each([
    ['DELETE', '/api/v1/onboardings/onb_1', 'GET, HEAD'],
    ['POST', '/api/v1/onboardings', 'GET, HEAD'],
    ['GET', HOLD, 'POST'],
    ['PUT', '/api/v1/policy/publish', 'POST'],
    ['POST', '/metrics', 'GET, HEAD'],
  ])('is 405 for %s %s, and says what is allowed', async (method, path, allow) => {
    const answer = await api.request(method, path);

    expect([answer.status, answer.json.error.code, answer.headers['allow']]).toEqual([405, 'MethodNotAllowed', allow]);
  });

  it('is 400 where the path is damaged', async () => {
    const answer = await api.get('/api/v1/onboardings/%E0%A4%A');

    expect([answer.status, answer.json.error.code]).toEqual([400, 'MalformedRequest']);
  });
});

describe('a failure within', () => {
  it('is 503 with Retry-After where the store is away', async () => {
    const readModel = {
      ...world.deps().readModel,
      onboardings: () => Promise.reject(new StoreUnavailable('ECONNREFUSED 10.0.0.7:5432')),
    };
    await serveWith({ readModel });

    const answer = await api.get('/api/v1/onboardings');

    expect([answer.status, answer.headers['retry-after'], answer.json.error.code]).toEqual([
      503,
      '5',
      'StoreUnavailable',
    ]);
    expect(answer.text).not.toContain('10.0.0.7');
  });

  it('is 500 with a sentence, and its cause is in the log alone', async () => {
    await serveWith({ status: () => Promise.reject(new TypeError('secret detail at /srv/slipway')) });

    const answer = await api.get('/api/v1/status?who=mia@vendor.example');

    expect(answer.status).toBe(500);
    expect(answer.json).toEqual({ error: { type: 'internal_error', code: 'Internal', message: expect.any(String) } });
    expect(answer.text).not.toMatch(/secret detail|TypeError|\.ts\b|node_modules|    at /);
    expect(world.logged).toEqual([expect.stringContaining('secret detail')]);
    expect(world.logged[0]).not.toContain('mia@');
  });
});
