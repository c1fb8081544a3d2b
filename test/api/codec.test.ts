import { randomBytes } from 'node:crypto';
import { defaultPayloadConverter } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EncryptingCodec } from '../../src/temporal/payload-codec.js';
import { createPayloadDesk } from '../../src/temporal/payload-desk.js';
import { parsePayloadKeys } from '../../src/temporal/payload-keys.js';
import { type Served, serve } from './served.js';
import { World } from './world.js';

const UI = 'http://localhost:8233';
const codec = new EncryptingCodec(parsePayloadKeys(`k1=${randomBytes(32).toString('base64')}`));

let world: World;
let api: Served;
beforeAll(async () => {
  world = new World();
  const desk = createPayloadDesk(codec);
  api = await serve(world.deps({ token: 'bootstrap-token', codec: { desk, uiOrigin: UI } }));
});
afterAll(() => api.close());

const ask = (way: string, body: object, headers: Record<string, string> = {}) =>
  api.request('POST', `/codec/${way}`, {
    headers: { authorization: 'Bearer bootstrap-token', 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const ofUi = { origin: UI, 'sec-fetch-site': 'same-site' };

/** As Temporal's JSON writes a payload. */
const wire = (value: unknown) => {
  const { metadata, data } = defaultPayloadConverter.toPayload(value) ?? {};
  const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('base64');
  return { metadata: { encoding: text(metadata?.['encoding'] ?? undefined) }, data: text(data ?? undefined) };
};

describe('the codec endpoint', () => {
  it('encrypts and decrypts what the Temporal UI shows', async () => {
    const clear = wire({ owner: 'jane.canary@customer.example' });
    const { json: sealed } = await ask('encode', { payloads: [clear] }, ofUi);
    expect(JSON.stringify(sealed)).not.toContain(clear.data);

    const { json, headers } = await ask('decode', { payloads: [...sealed.payloads, clear] }, ofUi);
    expect(json.payloads).toEqual([clear, clear]);
    expect(headers['access-control-allow-origin']).toBe(UI);
  });

  it('takes a whole history at once', async () => {
    const payloads = [wire('x'.repeat(1_000_000)), wire('y'.repeat(1_000_000))];

    expect((await ask('encode', { payloads })).status).toBe(200);
  });

  it('tells a browser beforehand what the Temporal UI may send, and nobody else', async () => {
    const preflight = (origin: string, path = '/codec/decode') =>
      api.request('OPTIONS', path, { headers: { origin, 'access-control-request-method': 'POST' } });

    const { status, headers } = await preflight(UI);
    expect(status).toBe(204);
    expect(headers['access-control-allow-headers']).toContain('authorization');
    for (const other of [await preflight('https://evil.example'), await preflight(UI, '/api/v1/status')]) {
      expect(other.status).not.toBe(204);
      expect(other.headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('refuses pages of another origin, callers without a token and those who are no admins', async () => {
    const payloads = { payloads: [wire('x')] };
    expect((await ask('decode', payloads, { origin: 'https://evil.example' })).json.error.code).toBe('ForeignOrigin');
    expect((await ask('decode', payloads, { ...ofUi, authorization: 'Bearer wrong' })).status).toBe(401);
    const operator = world.token('desk', 'operator');
    expect((await ask('decode', payloads, { ...ofUi, authorization: `Bearer ${operator}` })).status).toBe(403);
  });

  it('says which key is missing', async () => {
    const other = new EncryptingCodec(parsePayloadKeys(`k0=${randomBytes(32).toString('base64')}`));
    const [sealed] = await createPayloadDesk(other).encode([wire('x')]);

    const { status, json } = await ask('decode', { payloads: [sealed] });
    expect([status, json.error.code]).toEqual([422, 'PayloadUnreadable']);
    expect(json.error.message).toContain('encrypted under the key k0, and SLIPWAY_PAYLOAD_KEYS has k1: add k0=');
  });

  it('is not there where nothing is encrypted', async () => {
    const plain = await serve(new World().deps());
    expect((await plain.request('POST', '/codec/decode')).status).toBe(404);
    await plain.close();
  });
});
