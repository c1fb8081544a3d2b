import { afterEach, describe, expect, it } from 'vitest';
import { type Answer, type Served, serve } from './served.js';
import { anOnboarding } from './views.js';
import { World } from './world.js';

const TOKEN = 'a-long-random-console-token';
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const HOLD = JSON.stringify({ by: 'mia', state: 'waiting', reason: 'Legal' });
const JSON_TYPE = { 'content-type': 'application/json' };

let world: World;
let api: Served;
const serveWith = async (more: Parameters<World['deps']>[0] = {}) => {
  world = new World();
  world.add(anOnboarding('onb_1'));
  api = await serve(world.deps(more));
};
afterEach(() => api.close());

describe('the token', () => {
  it('is wanted on every path but the index and the description', async () => {
    await serveWith({ token: TOKEN });
    const { json: document } = await api.get('/openapi.json');
    const open: string[] = [];

    for (const [path, operations] of Object.entries(document.paths as Record<string, object>)) {
      for (const method of Object.keys(operations)) {
        const answer = await api.request(method.toUpperCase(), path.replace('{id}', 'onb_1'), {
          headers: JSON_TYPE,
          body: '{}',
        });
        if (answer.status !== 401) open.push(path);
        else
          expect([answer.json.error.code, answer.headers['www-authenticate']]).toEqual([
            'Unauthorized',
            'Bearer realm="slipway"',
          ]);
      }
    }

    expect(open).toEqual(['/', '/openapi.json']);
    expect((await api.get('/api/v1/no-such-route')).status).toBe(401);
    expect(world.asked).toEqual([]);
  });

  it.each([
    ['none', {}],
    ['another', { authorization: 'Bearer another' }],
    ['a beginning of it', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
    ['it with more behind', { authorization: `Bearer ${TOKEN}x` }],
    ['basic authentication', { authorization: `Basic ${Buffer.from(`x:${TOKEN}`).toString('base64')}` }],
    ['it without a scheme', { authorization: TOKEN }],
  ])('refuses %s', async (_what, headers: Record<string, string>) => {
    await serveWith({ token: TOKEN });

    expect((await api.request('GET', '/api/v1/status', { headers })).status).toBe(401);
    expect((await api.request('GET', '/API/V1/STATUS', { headers })).status).toBe(401);
  });

  it('lets its holder in, by any name of the console', async () => {
    await serveWith({ token: TOKEN });

    expect((await api.request('GET', '/api/v1/status', bearer(TOKEN))).status).toBe(200);
    expect(
      (
        await api.request('GET', '/api/v1/status', {
          headers: { authorization: `bearer ${TOKEN}`, host: 'slipway.example' },
        })
      ).status,
    ).toBe(200);
  });

  it('keeps addresses of other servers from the index of a stranger', async () => {
    await serveWith({ token: TOKEN });

    expect((await api.get('/')).text).not.toContain('8233');
    expect((await api.request('GET', '/', bearer(TOKEN))).text).toContain('8233');
  });
});

describe('a web site that points its own name at the loopback address', () => {
  it.each(['evil.example', 'evil.example:8788', 'localhost.evil.example', '127.0.0.1.evil.example'])(
    'is refused: %s',
    async (host) => {
      await serveWith();

      const answer = await api.request('GET', '/api/v1/onboardings', { headers: { host } });

      expect([answer.status, answer.json.error.code]).toEqual([403, 'ForeignHost']);
    },
  );

  it.each(['localhost', 'localhost:8788', '127.0.0.1:8788', '[::1]:8788', 'LOCALHOST:8788', '192.168.1.7'])(
    'is not %s',
    async (host) => {
      await serveWith();

      expect((await api.request('GET', '/api/v1/onboardings', { headers: { host } })).status).toBe(200);
    },
  );
});

describe("a page of another site in somebody's browser", () => {
  it.each([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: 'http://localhost:3000' },
    { 'sec-fetch-site': 'cross-site', origin: 'http://127.0.0.1:8788' },
  ])('cannot act with %j', async (headers) => {
    await serveWith();

    const answer = await api.request('POST', '/api/v1/onboardings/onb_1/hold', {
      headers: { ...JSON_TYPE, host: '127.0.0.1:8788', ...headers },
      body: HOLD,
    });

    expect([answer.status, answer.json.error.code, world.asked]).toEqual([403, 'ForeignOrigin', []]);
  });

  it.each([{}, { 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }, { origin: 'http://127.0.0.1:8788' }])(
    'is not what sends %j',
    async (headers) => {
      await serveWith();

      const answer = await api.request('POST', '/api/v1/onboardings/onb_1/hold', {
        headers: { ...JSON_TYPE, host: '127.0.0.1:8788', ...headers },
        body: HOLD,
      });

      expect(answer.status).toBe(200);
    },
  );

  it('is told nothing by a preflight', async () => {
    await serveWith();

    const answer = await api.request('OPTIONS', '/api/v1/onboardings/onb_1/hold', {
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });

    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect(answer.status).toBe(403);
  });
});

describe('every answer', () => {
  const PLAIN = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
  const SECURITY = {
    'content-security-policy': PLAIN,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    'cache-control': 'no-store',
  };
  /** All headers but those of the connection itself. */
  const said = ({ headers }: Answer) =>
    Object.fromEntries(
      Object.entries(headers).filter(([name]) => !/^(date|connection|keep-alive|content-length)$/.test(name)),
    );

  it.each([
    ['/api/v1/status', 'application/json; charset=utf-8'],
    ['/api/v1/nowhere', 'application/json; charset=utf-8'],
    ['/openapi.json', 'application/json; charset=utf-8'],
    ['/metrics', 'text/plain; version=0.0.4; charset=utf-8'],
  ])('of %s carries exactly the security headers', async (path, type) => {
    await serveWith();

    expect(said(await api.get(path))).toEqual({ ...SECURITY, 'content-type': type });
  });

  it('that refuses carries them too', async () => {
    await serveWith({ token: TOKEN });

    const refused = await api.get('/api/v1/status');

    expect(said(refused)).toEqual({
      ...SECURITY,
      'content-type': 'application/json; charset=utf-8',
      'www-authenticate': 'Bearer realm="slipway"',
    });
  });

  it('of the page allows one style by its digest, no script, and nothing inline', async () => {
    await serveWith();

    const page = said(await api.request('GET', '/', { headers: { accept: 'text/html' } }));
    const { 'content-security-policy': policy, ...others } = page;

    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; frame-ancestors 'none'; base-uri 'none'; form-action 'none'$/,
    );
    const { 'content-security-policy': _plain, ...rest } = SECURITY;
    expect(others).toEqual({ ...rest, 'content-type': 'text/html; charset=utf-8' });
  });

  it('binds browsers to TLS where it came by TLS to a trusted proxy, and nobody can say so for others', async () => {
    const byTls = { headers: { 'x-forwarded-proto': 'https' } };
    await serveWith({ trustedProxies: 1 });
    expect((await api.request('GET', '/', byTls)).headers['strict-transport-security']).toBe('max-age=31536000');
    await api.close();

    await serveWith();
    expect((await api.request('GET', '/', byTls)).headers).not.toHaveProperty('strict-transport-security');
  });
});
