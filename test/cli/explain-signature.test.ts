import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseSecrets, type Secret } from '../../src/signature/secret.js';
import { sign } from '../../src/signature/sign.js';
import { local } from './local-console.js';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const LIVE = `whsec_${Buffer.from('live'.padEnd(24, '-')).toString('base64')}`;
const TEST = `whsec_${Buffer.from('test'.padEnd(24, '-')).toString('base64')}`;
const BODY = '{"id":"evt_1","type":"webhook.ping","data":{"object":{"name":"Zoë"}}}';
const deps = { secrets: `live=${LIVE}`, otherSecrets: `test=${TEST}`, now: () => NOW };

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'slipway-explain-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const file = (name: string, text: string | Buffer): string => {
  const at = path.join(dir, name);
  writeFileSync(at, text);
  return at;
};
const signed = (body = BODY, secret = LIVE): string =>
  Object.entries(sign(parseSecrets(secret)[0] as Secret, 'msg_1', NOW / 1000, body))
    .filter(([name]) => name.startsWith('svix'))
    .map(([name, value]) => `${name}: ${value}`)
    .join('\r\n');
const raw = (head: string, body: string | Buffer): Buffer =>
  Buffer.concat([Buffer.from(`POST /webhooks/pivotal HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n`), Buffer.from(body)]);
const explained = (...words: string[]) => local(['explain-signature', ...words], deps);

describe('slipway explain-signature', () => {
  it('says that a request is valid, and by which secret', async () => {
    expect(await explained(file('ok', raw(signed(), BODY)))).toEqual({
      exit: 0,
      out: 'msg_1 is valid: it is signed with the secret live.\n',
      err: '',
    });
  });

  it('names the cause and what to do, and ends with 1', async () => {
    const { exit, out, err } = await explained(
      file('pretty', raw(signed(), JSON.stringify(JSON.parse(BODY), null, 2))),
    );

    expect([exit, err]).toEqual([1, 'This request is not valid: reencoded_body.\n']);
    expect(out).toMatch(/^reencoded_body\n {2}On the way the body was parsed .*\n {2}Do: Hand the raw bytes/);
  });

  it('fits the terminal', async () => {
    const at = file('other', raw(signed(BODY, TEST), BODY));
    const { out } = await local(['explain-signature', at], { ...deps, columns: 80 });

    expect(out).toContain('other_secret');
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('judges a capture by the instant at which it came', async () => {
    const at = file('old', raw(signed(), BODY));
    const later = { ...deps, now: () => NOW + 3_600_000 };

    const now = await local(['explain-signature', at], later);
    expect([now.exit, now.out]).toEqual([1, expect.stringContaining('signed 1 h before it was received')]);
    expect((await local(['explain-signature', at, '--at', '2026-11-24T12:01:00Z'], later)).exit).toBe(0);
    expect((await local(['explain-signature', at, '--tolerance', '7200'], later)).exit).toBe(0);
  });

  it('takes headers and body apart, chunks, and JSON as `slipway event --json` prints it', async () => {
    const headers = file('headers', signed());
    expect((await explained('--headers', headers, '--body', file('body', BODY))).exit).toBe(0);

    const half = Buffer.from(BODY).subarray(0, 30);
    const rest = Buffer.from(BODY).subarray(30);
    const chunks = Buffer.concat([
      Buffer.from('1e\r\n'),
      half,
      Buffer.from(`\r\n${rest.length.toString(16)};x=1\r\n`),
      rest,
      Buffer.from('\r\n0\r\n\r\n'),
    ]);
    expect((await explained(file('chunked', raw(`${signed()}\r\nTransfer-Encoding: chunked`, chunks)))).exit).toBe(0);

    const json = {
      headers: Object.fromEntries(
        signed()
          .split('\r\n')
          .map((line) => line.split(': ')),
      ),
      body: BODY,
    };
    expect((await explained(file('json', JSON.stringify(json)))).exit).toBe(0);
  });

  it('names what is missing', async () => {
    const { out } = await explained(file('none', 'POST / HTTP/1.1\nhost: x\n\n{}'));

    expect(out).toContain('svix-id, svix-timestamp, svix-signature are missing or empty.');
  });

  it('prints findings as JSON, and no secret in either form', async () => {
    const at = file('bare', raw(signed(), BODY));
    const words = ['--secret', LIVE.slice(6)];

    const json = JSON.parse((await explained(at, ...words, '--json')).out);
    expect(json).toMatchObject({ valid: false, secret: null, findings: [{ cause: 'missing_prefix', proved: true }] });
    expect((await explained(at, ...words)).out).not.toContain(LIVE.slice(6, 20));
  });

  it.each([
    ['a file that is no request', ['nonsense'], 'is no header'],
    ['JSON without a body', ['{"headers":{}}'], 'a `body` that is text'],
    ['JSON that is none', ['{"headers":'], 'begins like JSON'],
  ])('refuses %s', async (_what, [text = ''], sentence) => {
    expect(await explained(file('bad', text))).toMatchObject({ exit: 2, err: expect.stringContaining(sentence) });
  });

  it('wants headers and body together, or one file', async () => {
    expect((await explained('--headers', 'x')).exit).toBe(2);
    expect((await explained('x', '--headers', 'x', '--body', 'x')).exit).toBe(2);
  });
});
