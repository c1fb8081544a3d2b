import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explain, type Cause, type SignatureExplanation, type Suspects } from '../../src/signature/explain.js';
import { signatureOf } from '../../src/signature/explain/claim.js';
import { keyOf } from '../../src/signature/explain/secrets.js';
import { parseSecrets, type Secret } from '../../src/signature/secret.js';
import { sign } from '../../src/signature/sign.js';
import type { Delivery } from '../../src/signature/verify.js';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const SECONDS = NOW / 1000;
const base64 = (name: string): string => Buffer.from(name.padEnd(24, '~?')).toString('base64');
const LIVE = `whsec_${base64('live')}`;
const TEST = `whsec_${base64('test')}`;
const STRANGER = `whsec_${base64('stranger')}`;
const SUSPECTS: Suspects = { active: `live=${LIVE}`, others: `test=${TEST}`, now: NOW, toleranceMs: 300_000 };
const secretOf = (text: string): Secret => parseSecrets(text)[0] as Secret;

const ID = 'msg_2mYbq0Kc1dW0';
const EVENT = {
  type: 'onboarding.phase_changed',
  id: 'evt_7fKq2',
  created_at: '2026-11-24T11:59:58.250Z',
  data: { object: { phase: 'uat', id: 'onb_91a', name: 'Zoë <b> a/b', count: 3 }, previous_attributes: null },
};
const BODY = JSON.stringify(EVENT);

interface Sent {
  readonly id: string;
  readonly at: number;
  readonly body: string;
}
function delivery({ id = ID, at = SECONDS, body = BODY }: Partial<Sent> = {}, secret = LIVE): Delivery {
  return { headers: { ...sign(secretOf(secret), id, at, body) }, body: Buffer.from(body) };
}
const withHeaders = (one: Delivery, more: Delivery['headers']): Delivery => ({
  ...one,
  headers: { ...one.headers, ...more },
});
/** Both families alike, as a proxy that touches one touches the other. */
const both = (name: 'id' | 'timestamp' | 'signature', value: string | undefined): Delivery['headers'] => ({
  [`svix-${name}`]: value,
  [`webhook-${name}`]: value,
});
const withBody = (one: Delivery, body: string | Buffer): Delivery => ({ ...one, body: Buffer.from(body) });
const causes = (told: SignatureExplanation): readonly Cause[] => told.findings.map(({ cause }) => cause);
const signatureHeader = (one: Delivery): string => String(one.headers['svix-signature']);

describe('a delivery that is valid', () => {
  it('is said to be, with the secret that verifies it', () => {
    expect(explain(delivery(), SUSPECTS)).toEqual({ valid: true, secret: 'live', deliveryId: ID, findings: [] });
    expect(explain(delivery(), { ...SUSPECTS, active: `${STRANGER}, ${LIVE}` })).toMatchObject({
      valid: true,
      secret: secretOf(LIVE).label,
    });
  });

  it('is valid for any body, id and secret', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.string({ minLength: 1 }),
        fc.uint8Array({ minLength: 24, maxLength: 40 }),
        (body, id, key) => {
          const secret = `whsec_${Buffer.from(key).toString('base64')}`;
          const told = explain(delivery({ body, id }, secret), { ...SUSPECTS, active: secret });
          expect([told.valid, told.secret]).toEqual([true, secretOf(secret).label]);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is valid with signatures joined by commas, which is said', () => {
    const one = delivery();
    const joined = withHeaders(one, both('signature', `v1,${base64('x').padEnd(43, 'A')}=,${signatureHeader(one)}`));

    expect(explain(joined, SUSPECTS)).toMatchObject({ valid: true, secret: 'live' });
    expect(causes(explain(joined, SUSPECTS))).toEqual(['comma_joined']);
  });
});

it('computes the signature that the library computes', () => {
  const key = keyOf(LIVE);
  for (const body of ['', BODY, '\uFEFFx\r\n'])
    expect(
      `v1,${signatureOf(key?.bytes ?? Buffer.alloc(0), { id: ID, timestamp: String(SECONDS), body: Buffer.from(body) })}`,
    ).toBe(secretOf(LIVE).signature(ID, SECONDS, body));
});

/** One damage a line: its cause, and what must stand in the sentence. */
const pretty = JSON.stringify(EVENT, null, 2);
const python = `{"type": "onboarding.phase_changed", "id": "evt_7fKq2", "created_at": "2026-11-24T11:59:58.250Z", "data": {"object": {"phase": "uat", "id": "onb_91a", "name": "Zo\\u00eb <b> a/b", "count": 3}, "previous_attributes": null}}`;
const sorted = JSON.stringify({
  created_at: EVENT.created_at,
  data: { object: { count: 3, id: 'onb_91a', name: EVENT.data.object.name, phase: 'uat' }, previous_attributes: null },
  id: EVENT.id,
  type: EVENT.type,
});

describe('a body that was read and written again', () => {
  it.each([
    ['indented by 2', BODY, pretty, 'it was compact'],
    ['indented by 4', BODY, JSON.stringify(EVENT, null, 4), 'it was compact'],
    ['compact', pretty, BODY, 'it was indented by 2'],
    ['compact, and indented by 4 before', JSON.stringify(EVENT, null, 4), BODY, 'it was indented by 4'],
    ['as Python does', BODY, python, 'it was compact'],
    ['compact, and by Python before', python, BODY, 'with a blank after , and : with \\u escapes'],
    ['with \\u escapes', BODY, BODY.replace('ë', '\\u00EB'), 'it was compact'],
    ['without escaped slashes', BODY.replaceAll('/', '\\/'), BODY, 'escaped slashes'],
    ['without HTML escapes', BODY.replace('<b>', '\\u003cb\\u003e'), BODY, 'escapes for <, > and &'],
    ['with a line end', BODY, `${BODY}\n`, 'a line end or blank was added'],
    ['without its line end', `${BODY}\n`, BODY, 'the line end after it was lost'],
    ['indented and with a line end', BODY, `${pretty}\n`, 'it was compact'],
    ['with CRLF', pretty, pretty.replaceAll('\n', '\r\n'), 'from LF to CRLF'],
    ['with LF', pretty.replaceAll('\n', '\r\n'), pretty, 'from CRLF to LF'],
    ['with a byte order mark', BODY, `\uFEFF${BODY}`, 'a byte order mark was put in front'],
    ['without its byte order mark', `\uFEFF${BODY}`, BODY, 'byte order mark in front of it was lost'],
    ['as a JSON string', BODY, JSON.stringify(BODY), 'packed into a JSON string'],
    ['as base64', BODY, Buffer.from(BODY).toString('base64'), 'as base64'],
    ['as Latin-1', BODY, Buffer.from(BODY, 'latin1').toString('latin1'), ''],
    ['with sorted keys lost', sorted, JSON.stringify(JSON.parse(sorted), null, 2), 'it was compact'],
  ])('%s, is named and undone', (_how, was, is, words) => {
    const sent = delivery({ body: was });
    const arrived = _how === 'as Latin-1' ? withBody(sent, Buffer.from(BODY, 'latin1')) : withBody(sent, is);

    const told = explain(arrived, SUSPECTS);

    expect(causes(told)).toEqual(['reencoded_body']);
    expect(told.findings[0]).toMatchObject({ proved: true, what: expect.stringContaining(words) });
  });

  it('with sorted keys, is named by their order, since the former one is lost', () => {
    const told = explain(withBody(delivery(), sorted), SUSPECTS);

    expect(told.findings[0]).toMatchObject({
      cause: 'reencoded_body',
      proved: false,
      what: expect.stringContaining('sorted'),
    });
    expect(explain(withBody(delivery(), '[object Object]'), SUSPECTS).findings[0]?.cause).toBe('reencoded_body');
  });
});

describe('a secret that is not what it should be', () => {
  it.each([
    ['without its prefix', base64('live'), 'missing_prefix'],
    ['without its prefix, but with a label', `live=${base64('live')}`, 'missing_prefix'],
    ['in quotes', `"${LIVE}"`, 'malformed_secret'],
    ['broken in two lines', `${LIVE.slice(0, 20)}\n${LIVE.slice(20)}`, 'malformed_secret'],
    ['in the URL-safe alphabet', LIVE.replaceAll('+', '-').replaceAll('/', '_'), 'malformed_secret'],
    ['with another prefix', LIVE.replace('whsec_', 'whsk_'), 'malformed_secret'],
    ['short of a character', LIVE.slice(0, 12) + LIVE.slice(13), 'malformed_secret'],
    ['with a character too many', `${LIVE.slice(0, 12)}x${LIVE.slice(12)}`, 'malformed_secret'],
    ['with a wrong character', `${LIVE.slice(0, 12)}z${LIVE.slice(13)}`, 'malformed_secret'],
  ])('%s, is named, and never shown', (_how, active, cause) => {
    const told = explain(delivery(), { ...SUSPECTS, active });

    expect(causes(told)).toEqual([cause]);
    expect(told.findings[0]?.proved).toBe(true);
    expect(JSON.stringify(told)).not.toContain(base64('live').slice(0, 10));
  });

  it('is told from one of another endpoint, and from a stranger', () => {
    const mixedUp = explain(delivery({}, TEST), SUSPECTS);
    expect(mixedUp.findings).toMatchObject([
      { cause: 'other_secret', proved: true, what: expect.stringContaining('the secret test,') },
    ]);

    expect(explain(delivery({}, STRANGER), SUSPECTS).findings).toMatchObject([
      { cause: 'wrong_secret', proved: false },
    ]);
    expect(causes(explain(delivery(), { ...SUSPECTS, active: 'whsec_short' }))).toEqual(['malformed_secret']);
    expect(causes(explain(delivery(), { ...SUSPECTS, active: 'short' }))).toEqual(['missing_prefix']);
    expect(causes(explain(delivery(), { ...SUSPECTS, active: '' }))).toEqual(['wrong_secret']);
  });
});

describe('headers', () => {
  it('that are missing or empty are named, as are renamed ones', () => {
    for (const name of ['id', 'timestamp', 'signature'] as const) {
      for (const value of [undefined, '']) {
        const told = explain(withHeaders(delivery(), both(name, value)), SUSPECTS);
        expect(told.findings).toMatchObject([
          { cause: 'missing_header', what: expect.stringContaining(`svix-${name} `) },
        ]);
      }
    }
    const renamed = { headers: { svix_id: ID, svix_timestamp: '1' }, body: Buffer.from(BODY) };
    expect(explain(renamed, SUSPECTS).findings[0]?.what).toContain('svix_id, svix_timestamp');
  });

  it('of another sender are named', () => {
    const told = explain({ headers: { 'x-hub-signature-256': 'sha256=00' }, body: Buffer.from(BODY) }, SUSPECTS);

    expect(told.findings).toMatchObject([{ cause: 'other_scheme', what: expect.stringContaining("GitHub's") }]);
  });

  it('of which one family was changed are named', () => {
    for (const name of ['svix-id', 'svix-timestamp', 'svix-signature'])
      expect(
        causes(
          explain(
            withHeaders(delivery(), {
              [name]: name === 'svix-timestamp' ? String(SECONDS - 7) : `v1,${'A'.repeat(43)}=`,
            }),
            SUSPECTS,
          ),
        ),
      ).toEqual(['mixed_families']);
  });

  it.each([
    ['milliseconds', String(SECONDS * 1000)],
    ['a date', new Date(NOW).toISOString()],
    ['a fraction', `${SECONDS}.5`],
    ['a zero in front', `0${SECONDS}`],
  ])('with a timestamp rewritten as %s are named', (_how, timestamp) => {
    const told = explain(withHeaders(delivery(), both('timestamp', timestamp)), SUSPECTS);

    expect(told.findings).toMatchObject([
      { cause: 'bad_timestamp', proved: true, what: expect.stringContaining(String(SECONDS)) },
    ]);
  });

  it.each([
    ['cut', (text: string) => text.slice(0, -9)],
    ['without its version', (text: string) => text.slice(3)],
    ['of another version', (text: string) => text.replace('v1,', 'v2,')],
    ['with blanks for +', (text: string) => text.replaceAll('+', ' ')],
    ['in small letters', (text: string) => text.toLowerCase()],
    [
      'with one letter changed',
      (text: string) => `${text.slice(0, 20)}${text[20] === 'a' ? 'b' : 'a'}${text.slice(21)}`,
    ],
    ['in the URL-safe alphabet', (text: string) => text.replaceAll('+', '-').replaceAll('/', '_')],
  ])('with a signature %s are named', (_how, change) => {
    // A signature with + and / in it, so that each of these changes something.
    const at = Array.from({ length: 99 }, (_, i) => SECONDS - i).find((one) =>
      /\+.*\/|\/.*\+/.test(signatureHeader(delivery({ at: one }))),
    );
    const one = delivery({ at: at ?? SECONDS });
    const told = explain(withHeaders(one, both('signature', change(signatureHeader(one)))), SUSPECTS);

    expect(told.findings).toMatchObject([{ cause: 'altered_signature', proved: true }]);
    expect(JSON.stringify(told)).not.toContain(signatureHeader(one).slice(3, 23));
  });
});

describe('another scheme', () => {
  const key = Buffer.from(base64('live'), 'base64');
  const hmac = (secret: Buffer, text: string, as: 'hex' | 'base64') =>
    // The scheme's own function with an empty id would put dots in front: this is another sender's.
    import('node:crypto').then(({ createHmac }) => createHmac('sha256', secret).update(text).digest(as));

  it.each([
    ['the body alone, in hex', key, BODY, 'hex', 'the body alone'],
    ['timestamp and body', key, `${SECONDS}.${BODY}`, 'base64', 'timestamp and body without the id'],
    ['hex for base64', key, `${ID}.${SECONDS}.${BODY}`, 'hex', 'in hex'],
    ["the secret's letters", Buffer.from(LIVE), `${ID}.${SECONDS}.${BODY}`, 'base64', "the secret's letters"],
  ] as const)('that signs %s is named', async (_how, secret, text, as, words) => {
    const signature = `v1,${await hmac(secret, text, as)}`;
    const told = explain(withHeaders(delivery(), both('signature', signature)), SUSPECTS);

    expect(told.findings).toMatchObject([
      { cause: 'other_scheme', proved: true, what: expect.stringContaining(words) },
    ]);
  });

  it('of asymmetric signatures is named', () => {
    const told = explain(withHeaders(delivery(), both('signature', `v1a,${'A'.repeat(86)}==`)), SUSPECTS);

    expect(told.findings).toMatchObject([{ cause: 'other_scheme', what: expect.stringContaining('only v1a') }]);
  });
});

describe('a body that is not whole', () => {
  it('is named by the declared length, by what JSON lacks, or as empty', () => {
    const one = delivery();
    const short = BODY.slice(0, 70);
    expect(
      causes(
        explain(withHeaders(withBody(one, short), { 'content-length': String(Buffer.byteLength(BODY)) }), SUSPECTS),
      )[0],
    ).toBe('truncated_body');
    expect(explain(withBody(one, BODY.slice(0, -2)), SUSPECTS).findings).toMatchObject([
      { cause: 'truncated_body', proved: true },
    ]);
    expect(causes(explain(withBody(one, ''), SUSPECTS))[0]).toBe('truncated_body');
  });

  it('or is more than whole, by the declared length', () => {
    const more = withHeaders(withBody(delivery(), `${BODY}POST / HTTP/1.1`), {
      'content-length': String(Buffer.byteLength(BODY)),
    });

    expect(explain(more, SUSPECTS).findings).toMatchObject([{ cause: 'altered_body', proved: true }]);
  });
});

describe('any single damage of a valid delivery', () => {
  const small = fc.record({
    body: fc
      .record({ id: fc.constant('evt_1'), b: fc.string({ maxLength: 8 }), a: fc.nat() })
      .map((value) => JSON.stringify(value)),
    at: fc.integer({ min: SECONDS - 290, max: SECONDS + 290 }),
    key: fc
      .uint8Array({ minLength: 24, maxLength: 24 })
      .map((bytes) => `whsec_${Buffer.from(bytes).toString('base64')}`),
  });
  type Small = { readonly body: string; readonly at: number; readonly key: string };
  type Damage = (
    one: Delivery,
    place: number,
    byte: number,
    sent: Small,
  ) => { one: Delivery; suspects?: Partial<Suspects> } | undefined;
  const put = (text: string, at: number, char: string): string => text.slice(0, at) + char + text.slice(at + 1);

  const DAMAGES: Partial<Record<Cause, Damage>> = {
    altered_body: (one, place, byte) => {
      const at = place % one.body.length;
      if (one.body[at] === byte) return undefined;
      const body = Buffer.from(one.body);
      body[at] = byte;
      return { one: { ...one, body } };
    },
    truncated_body: (one, place) => ({ one: { ...one, body: one.body.subarray(0, place % one.body.length) } }),
    altered_id: (one, place) => {
      const id = put(ID, place % ID.length, 'Z');
      return id === ID ? undefined : { one: withHeaders(one, both('id', id)) };
    },
    altered_timestamp: (one, place, _byte, { at }) => {
      const other = SECONDS - 250 + (place % 500);
      return other === at ? undefined : { one: withHeaders(one, both('timestamp', String(other))) };
    },
    altered_signature: (one, place, byte) => {
      const text = signatureHeader(one);
      const at = 3 + (place % 42);
      const char = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'[byte % 64] ?? 'A';
      return text[at] === char ? undefined : { one: withHeaders(one, both('signature', put(text, at, char))) };
    },
    clock_skew: (one, place, _byte, { at }) => ({
      one,
      suspects: { now: (at + (place % 2 ? 301 + place : -301 - place)) * 1000 },
    }),
    missing_header: (one, place) => ({
      one: withHeaders(one, both((['id', 'timestamp', 'signature'] as const)[place % 3] ?? 'id', undefined)),
    }),
    mixed_families: (one, place) => ({ one: withHeaders(one, { 'svix-id': `msg_${place}` }) }),
    bad_timestamp: (one, _place, _byte, { at }) => ({ one: withHeaders(one, both('timestamp', `${at}000`)) }),
    reencoded_body: (one) => ({ one: withBody(one, JSON.stringify(JSON.parse(one.body.toString()), null, 2)) }),
    missing_prefix: (one, _place, _byte, { key }) => ({ one, suspects: { active: key.slice(6) } }),
    malformed_secret: (one, place, byte, { key }) => {
      const at = 6 + (place % 32);
      const char = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'[byte % 64] ?? 'A';
      return key[at] === char ? undefined : { one, suspects: { active: put(key, at, char) } };
    },
    other_secret: (one, _place, _byte, { key }) => ({ one, suspects: { active: LIVE, others: `test=${key}` } }),
    wrong_secret: (one) => ({ one, suspects: { active: STRANGER } }),
    comma_joined: (one) => ({
      one: withHeaders(one, both('signature', `v1,${'A'.repeat(43)}=,${signatureHeader(one)}`)),
    }),
    other_scheme: (one, _place, _byte, { key, body }) => {
      const bytes = keyOf(key)?.bytes ?? Buffer.alloc(0);
      const signature = signatureOf(bytes, { id: '', timestamp: '', body: Buffer.from(body) });
      return { one: withHeaders(one, both('signature', `v0,${signature}`)) };
    },
  };

  it.each(Object.entries(DAMAGES))('is named as what it is: %s', (cause, damage) => {
    fc.assert(
      fc.property(small, fc.nat(5_000), fc.nat(255), (sent, place, byte) => {
        const damaged = damage(delivery({ body: sent.body, at: sent.at }, sent.key), place, byte, sent);
        if (!damaged) return;
        const told = explain(damaged.one, { ...SUSPECTS, active: sent.key, ...damaged.suspects });
        expect([told.valid, told.findings[0]?.cause]).toEqual([cause === 'comma_joined', cause]);
      }),
      { numRuns: cause === 'wrong_secret' ? 3 : 12 },
    );
  });
});
