import { Webhook } from 'svix';
import { describe, expect, it } from 'vitest';
import { createSigner } from '../../src/outbound/signer.js';

const secretOf = (fill: string): string => `whsec_${Buffer.from(fill.repeat(24)).toString('base64')}`;

describe('signer', () => {
  const nowSeconds = Math.floor(Date.now() / 1000);

  it('signs so that the svix library verifies, under either family of headers', () => {
    const headers = createSigner(secretOf('a'))('msg_1', nowSeconds, '{"n":1}');

    const family = (prefix: string): Record<string, string> =>
      Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith(prefix)));
    expect(new Webhook(secretOf('a')).verify('{"n":1}', family('webhook-'))).toEqual({ n: 1 });
    expect(new Webhook(secretOf('a')).verify('{"n":1}', family('svix-'))).toEqual({ n: 1 });
  });

  it('signs with each secret while they are rotated', () => {
    const headers = createSigner(`${secretOf('a')} ${secretOf('b')}`)('msg_1', nowSeconds, '{}');

    for (const secret of [secretOf('a'), secretOf('b')]) expect(new Webhook(secret).verify('{}', headers)).toEqual({});
    expect(() => new Webhook(secretOf('c')).verify('{}', headers)).toThrow();
  });

  it('refuses a secret that is none without showing it', () => {
    expect(() => createSigner('hunter2-hunter2')).toThrow(/whsec_/);
    expect(() => createSigner('hunter2-hunter2')).not.toThrow(/hunter2/);
  });
});
