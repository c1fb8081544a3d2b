import { connect } from 'node:net';
import { request } from 'node:http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BODY_LIMIT_BYTES } from '../../src/ingress/read-body.js';
import { sign } from '../../src/signature/sign.js';
import { Edge, moved, SECRETS } from './edge.js';

/** Everything the server says to these bytes until it closes, or for as long as `patience` lasts. */
function raw(edge: Edge, write: string | Buffer, patience = 2_000): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(edge.listener.port, '127.0.0.1');
    let heard = '';
    const end = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(heard);
    };
    const timer = setTimeout(end, patience);
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
    });
    socket.on('close', end);
    socket.on('error', end);
    socket.end(write);
  });
}

const statuses = (heard: string): number[] =>
  [...heard.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));

describe('a delivery that is not believed', () => {
  const now = Math.floor(Date.now() / 1000);
  it.each([
    ['missing_header', { headers: { 'svix-id': null, 'webhook-id': null } }],
    ['missing_header', { headers: { 'svix-signature': '', 'webhook-signature': null } }],
    ['bad_timestamp', { headers: { 'svix-timestamp': `${now}abc` } }],
    ['stale_timestamp', { at: now - 310 }],
    ['future_timestamp', { at: now + 310 }],
    ['no_matching_signature', { secret: SECRETS.sandbox }],
    ['no_matching_signature', { signedBody: Buffer.from('something else') }],
    ['no_matching_signature', { headers: { 'svix-signature': 'v1a,AAAA' } }],
    [
      'no_matching_signature',
      { headers: { 'svix-signature': Array.from({ length: 300 }, () => `v1,${'A'.repeat(43)}=`).join(' ') } },
    ],
  ])('is answered 401 %s, listed and counted, and goes nowhere', async (code, options) => {
    const edge = await Edge.open();
    edge.now = () => now * 1000;
    const answer = await edge.post(moved('evt_1'), { id: 'msg_1', ...options });

    expect(answer.status).toBe(401);
    expect(answer.json.error).toMatchObject({ type: 'authentication_error', code });
    expect(answer.json.error?.message).toMatch(/^[A-Za-z].{20,}\.$/);
    expect(edge.rejections).toMatchObject([{ source: 'pivotal', reason: code, remote: '127.0.0.1' }]);
    expect(edge.counts.get(`slipway_events_rejected_total pivotal ${code}`)).toBe(1);
    expect([edge.inbox.arrivals, edge.offered]).toEqual([[], []]);
  });

  it('shows no secret and no body, whatever it was', async () => {
    const edge = await Edge.open();
    await edge.post(moved('evt_private'), { secret: SECRETS.sandbox });
    const shown = JSON.stringify([edge.rejections, edge.logged]);
    expect(shown).not.toMatch(/whsec_|evt_private|Borealis/);
  });
});

describe('the size of a body', () => {
  it('is taken to the limit and refused one byte above it (A5)', async () => {
    const edge = await Edge.open();
    const padded = (bytes: number): Buffer =>
      Buffer.from(JSON.stringify({ id: 'e', type: 't', pad: '' }).replace('""', `"${'x'.repeat(bytes - 30)}"`));
    const [limit, over] = [padded(BODY_LIMIT_BYTES), padded(BODY_LIMIT_BYTES + 1)];
    expect([limit.length, over.length]).toEqual([BODY_LIMIT_BYTES, BODY_LIMIT_BYTES + 1]);

    expect((await edge.post(limit)).status).toBe(200);
    const answer = await edge.post(over);
    expect([answer.status, answer.json.error?.code]).toEqual([413, 'too_large']);
    expect(edge.rejections).toMatchObject([{ reason: 'too_large', bytes: BODY_LIMIT_BYTES + 1 }]);
  });

  it('is answered while the sender still writes, declared or not, and costs no memory', async () => {
    const edge = await Edge.open();
    const before = process.memoryUsage().rss;
    expect(await upload(edge, 10_000_000, { 'content-length': '10000000' })).toBe(413);
    expect(await upload(edge, 100_000_000, { 'transfer-encoding': 'chunked' })).toBe(413);
    expect(process.memoryUsage().rss - before).toBeLessThan(50_000_000);
    expect((await edge.post(moved('evt_1'))).status).toBe(200);
  });

  it('is what arrives, whatever the header claims', async () => {
    const edge = await Edge.open();
    const head = 'POST /webhooks/pivotal HTTP/1.1\r\nHost: x\r\nConnection: close\r\n';
    expect(statuses(await raw(edge, `${head}Content-Length: 2\r\n\r\n{}{}{}`)).every((s) => s < 500 && s > 399)).toBe(
      true,
    );
    expect(statuses(await raw(edge, `${head}Content-Length: 20\r\n\r\n{}`))).not.toContain(200);
    expect(statuses(await raw(edge, `${head}Content-Length: -1\r\n\r\n{}`))).toEqual([400]);
    expect(
      statuses(await raw(edge, `${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`)),
    ).toEqual([400]);
    expect(edge.rejections.map(({ reason }) => reason)).toContain('unreadable_body');
  });

  it('counts as it came: a compressed one is refused by name, not taken apart', async () => {
    const edge = await Edge.open();
    const answer = await edge.post(moved('evt_1'), { headers: { 'content-encoding': 'gzip' } });
    expect([answer.status, answer.json.error?.code]).toEqual([415, 'unreadable_body']);
    expect((await edge.post(moved('evt_1'), { headers: { 'content-encoding': 'identity' } })).status).toBe(200);
  });

  function upload(edge: Edge, bytes: number, headers: Record<string, string>): Promise<number> {
    return new Promise((resolve, reject) => {
      const req = request(`${edge.url}/webhooks/pivotal`, { method: 'POST', headers });
      req.on('response', (res) => {
        res.resume();
        resolve(res.statusCode ?? 0);
      });
      req.on('error', reject);
      const chunk = Buffer.alloc(1_000_000, 120);
      let left = bytes;
      const write = (): void => {
        while (left > 0) {
          left -= chunk.length;
          if (!req.write(chunk)) return void req.once('drain', write);
        }
        req.end();
      };
      write();
    });
  }
});

describe('another request', () => {
  it('with a wrong method is answered 405 and told the right one', async () => {
    const edge = await Edge.open();
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const response = await fetch(`${edge.url}/webhooks/pivotal`, { method });
      expect([response.status, response.headers.get('allow')], method).toEqual([405, 'POST']);
    }
  });

  it('for a source that is none is answered 404 before its body is read', async () => {
    const edge = await Edge.open();
    const answer = await edge.post(moved('evt_1'), { path: '/webhooks/nobody' });
    expect([answer.status, answer.json.error?.code]).toEqual([404, 'unknown_source']);
    expect(edge.rejections).toMatchObject([{ source: 'unknown', reason: 'unknown_source' }]);
  });

  it.each(['/', '/webhooks', '/webhooks/pivotal/more', '/metrics', '/api/v1/onboardings'])(
    'to %s finds nothing',
    async (path) => {
      const edge = await Edge.open();
      expect((await edge.post(moved('evt_1'), { path })).status).toBe(404);
      expect(edge.inbox.arrivals).toEqual([]);
    },
  );

  it('with a path that cannot be decoded is answered 400 without a stack', async () => {
    const edge = await Edge.open();
    const heard = await raw(
      edge,
      'POST /webhooks/%ZZ HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
    );
    expect(statuses(heard)).toEqual([400]);
    expect(heard).not.toMatch(/URIError|node_modules|\.js:/);
    expect(heard).not.toMatch(/x-powered-by|etag/i);
  });

  it('of an odd or broken kind does no harm (A10)', async () => {
    const edge = await Edge.open();
    const body = JSON.stringify(moved('evt_1'));
    const signed = Object.entries(sign(SECRETS.current, 'msg_1', Math.floor(Date.now() / 1000), body));
    const headers = [
      ...signed.map(([name, value]) => `${name}: ${value}`),
      `content-length: ${Buffer.byteLength(body)}`,
    ].join('\r\n');
    const good = `POST /webhooks/pivotal HTTP/1.1\r\nhost: x\r\n${headers}`;

    expect(statuses(await raw(edge, `${good}\r\n\r\n${body}${good}\r\nconnection: close\r\n\r\n${body}`))).toEqual([
      200, 200,
    ]);
    expect(statuses(await raw(edge, `${good}\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n${body}`))).toEqual([
      100, 200,
    ]);
    expect(statuses(await raw(edge, `POST /webhooks/pivotal HTTP/1.0\r\n${headers}\r\n\r\n${body}`))).toEqual([200]);
    expect(statuses(await raw(edge, `${good}\r\nx-long: ${'y'.repeat(17_000)}\r\n\r\n${body}`))).toEqual([431]);
    expect(
      statuses(await raw(edge, 'GET http://[ HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')).every((s) => s < 500),
    ).toBe(true);
    expect(statuses(await raw(edge, '\x16\x03\x01\x02\x00\x01'))).toEqual([400]);
    expect((await edge.post(moved('evt_2'))).status).toBe(200);
  });
});

describe('health', () => {
  it('of the process is always told, readiness with its reasons', async () => {
    const checks = { store: 'cannot be written', migrations: 'ok', temporal: 'ok' };
    const edge = await Edge.open({ ready: async () => ({ ready: false, checks }) });
    expect((await fetch(`${edge.url}/healthz`)).status).toBe(200);
    const response = await fetch(`${edge.url}/readyz`);
    expect([response.status, await response.json()]).toEqual([503, { status: 'not_ready', checks }]);
    expect((await fetch(`${(await Edge.open()).url}/readyz`)).status).toBe(200);
  });
});

describe('whatever is sent', () => {
  // Each from an address of its own: what one address may be refused is bounded.
  let sent = 0;
  const elsewhere = () => ({ 'x-forwarded-for': `198.51.${++sent >> 8}.${sent & 255}` });
  const headerValue = fc
    .string({
      unit: fc
        .integer({ min: 0x20, max: 0xff })
        .filter((c) => c !== 0x7f)
        .map((c) => String.fromCharCode(c)),
      maxLength: 60,
    })
    .map((value) => value.trim());
  const anyBody = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((json) => Buffer.from(json)),
    fc
      .record(
        {
          id: fc.jsonValue(),
          type: fc.jsonValue(),
          created_at: fc.jsonValue(),
          org: fc.jsonValue(),
          data: fc.jsonValue(),
        },
        { requiredKeys: [] },
      )
      .map((event) => Buffer.from(JSON.stringify(event))),
    fc
      .record({
        id: fc.string({ unit: 'binary', maxLength: 20 }),
        type: fc.constantFrom('onboarding.phase_changed', 'task.completed', 'customer.churned', 'contact.created', 'x'),
        data: fc.record(
          {
            object: fc.dictionary(
              fc.constantFrom(
                'id',
                'onboarding_id',
                'customer_id',
                'phase',
                'state',
                'name',
                'owner_email',
                'target_launch_date',
                '__proto__',
              ),
              fc.jsonValue(),
            ),
            previous_attributes: fc.jsonValue(),
          },
          { requiredKeys: [] },
        ),
      })
      .map((event) => Buffer.from(JSON.stringify(event))),
  );

  it('is never answered 5xx: signed, anything is taken; unsigned, nothing is (A11)', async () => {
    const edge = await Edge.open({ trustedProxies: 1 });
    await fc.assert(
      fc.asyncProperty(anyBody, fc.boolean(), async (body, isSigned) => {
        const answer = await edge.post(body, {
          headers: elsewhere(),
          ...(isSigned ? {} : { secret: SECRETS.sandbox }),
        });
        const isText = Buffer.from(body.toString()).equals(body);
        expect(answer.status).toBe(isSigned && isText ? 200 : 401);
      }),
      { numRuns: 1_000 },
    );
    expect(edge.logged.filter((line) => !line.startsWith('info event '))).toEqual([]);
  });

  it('in its headers is answered 401 and nothing else (A1)', async () => {
    const edge = await Edge.open({ trustedProxies: 1 });
    const names = fc.constantFrom('svix-id', 'svix-timestamp', 'svix-signature', 'webhook-signature');
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, headerValue), async (headers) => {
        const none = {
          'svix-id': null,
          'svix-timestamp': null,
          'svix-signature': null,
          'webhook-id': null,
          'webhook-timestamp': null,
          'webhook-signature': null,
        };
        expect((await edge.post(moved('evt_1'), { headers: { ...none, ...elsewhere(), ...headers } })).status).toBe(
          401,
        );
      }),
      { numRuns: 1_000 },
    );
    expect(edge.inbox.arrivals).toEqual([]);
  });
});
