import fc from 'fast-check';
import { Webhook } from 'svix';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseSecrets } from '../../src/signature/secret.js';
import { v1Signatures } from '../../src/signature/signature-list.js';
import { verify } from '../../src/signature/verify.js';

const NOW = Date.UTC(2026, 10, 2, 9, 0, 0, 500);
const SECONDS = Math.floor(NOW / 1000);
const text = `whsec_${Buffer.from('generated-cases-secret-1').toString('base64')}`;
const [secret] = parseSecrets(text);
if (!secret) throw new Error('one secret');
const ours = secret;
const library = new Webhook(text);

interface Case {
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** `not_json`: the library throws a SyntaxError after a good signature, so that forged and malformed look alike. */
function askLibrary({ headers, body }: Case): 'verified' | 'refused' | 'not_json' {
  try {
    library.verify(body, headers);
    return 'verified';
  } catch (error) {
    return error instanceof SyntaxError ? 'not_json' : 'refused';
  }
}

function askOurs({ headers, body }: Case): 'verified' | 'refused' {
  return verify({ headers, body }, { secrets: [ours], now: NOW, toleranceMs: 300_000 }).verified
    ? 'verified'
    : 'refused';
}

/** Where the two answers may differ, and which way. Everything else must be the same answer. */
function listedDifference({ headers, body }: Case): string | undefined {
  const timestamp = headers['svix-timestamp'] ?? headers['webhook-timestamp'] ?? '';
  const signature = headers['svix-signature'] ?? headers['webhook-signature'] ?? '';
  // parseInt reads `123abc`, ` 123` and `0123` as 123, which is what was signed: we refuse what is not the number itself.
  if (!/^(0|[1-9]\d{0,14})$/.test(timestamp) && !Number.isNaN(Number.parseInt(timestamp, 10))) return 'timestamp text';
  // The library splits at spaces alone: `a,b` is one entry to it, of which it reads the first signature and no other.
  if (signature.split(' ').some((entry) => entry.split(',').length > 2)) return 'comma list';
  // Broken UTF-8 is signed as replacement characters: the library lets different bytes share a signature.
  if (!Buffer.from(body.toString('utf8')).equals(body)) return 'not UTF-8';
  return undefined;
}

const goodSignature = (id: string, seconds: number, body: Buffer): string => ours.signature(id, seconds, body);

const bodies = fc.oneof(
  fc.json().map((json) => Buffer.from(json)),
  fc.string({ unit: 'binary' }).map((words) => Buffer.from(words)),
  fc.constantFrom('', '\uFEFF{}', '{"a":"·"}', '[1e400]').map((words) => Buffer.from(words)),
  fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
);
const ids = fc.oneof(fc.string({ minLength: 1, maxLength: 20 }), fc.constant(''), fc.constant('msg_2x'));
const seconds = fc.oneof(
  fc.integer({ min: SECONDS - 305, max: SECONDS + 305 }),
  fc.constantFrom(SECONDS - 301, SECONDS - 300, SECONDS + 300, SECONDS + 301, 0),
);
const writings = fc.constantFrom<(n: number) => string>(
  ...Array.from({ length: 12 }, () => String),
  (n) => `${n}abc`,
  (n) => ` ${n}`,
  (n) => `0${n}`,
  (n) => `${n}.7`,
  (n) => `-${n}`,
  (n) => `${n}000`,
  () => 'NaN',
  () => '',
);
const entries = fc.oneof(
  fc.constant('good'),
  fc.constantFrom('v1,AAAA', 'v1,', 'v1a,abc', 'v0,x', 'v1', ',', 'good-as-v2', 'good-cut', 'good-long', 'good-bare'),
  fc.string({ maxLength: 12 }).map((words) => words.replaceAll(/\s/g, '')),
);

function writeEntry(word: string, good: string): string {
  switch (word) {
    case 'good':
      return good;
    case 'good-as-v2':
      return good.replace('v1,', 'v2,');
    case 'good-cut':
      return good.slice(0, -1);
    case 'good-long':
      return `${good}=`;
    case 'good-bare':
      return good.slice(3);
    default:
      return word;
  }
}

const cases: fc.Arbitrary<Case> = fc
  .record({
    body: bodies,
    id: ids,
    at: seconds,
    writing: writings,
    list: fc.array(entries, { minLength: 0, maxLength: 4 }),
    separator: fc.constantFrom(' ', ' ', ' ', ',', '  '),
    family: fc.constantFrom('svix', 'webhook'),
    drop: fc.constantFrom('', '', '', '', '', 'id', 'timestamp', 'signature'),
  })
  .map(({ body, id, at, writing, list, separator, family, drop }) => {
    const good = goodSignature(id, at, body);
    const all: Record<string, string> = {
      id,
      timestamp: writing(at),
      signature: list.map((word) => writeEntry(word, good)).join(separator),
    };
    const kept = Object.entries(all).filter(([name]) => name !== drop);
    return { body, headers: Object.fromEntries(kept.map(([name, value]) => [`${family}-${name}`, value])) };
  });

describe('the verifier against the svix library', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('agrees on 10,000 generated deliveries, but for the listed differences', () => {
    const seen = { verified: 0, refused: 0, not_json: 0, listed: 0 };
    fc.assert(
      fc.property(cases, (delivery) => {
        const theirs = askLibrary(delivery);
        const mine = askOurs(delivery);
        if (listedDifference(delivery)) {
          seen.listed++;
          return;
        }
        seen[theirs]++;
        // A good signature over a body that is no JSON is a good signature.
        expect(mine).toBe(theirs === 'refused' ? 'refused' : 'verified');
      }),
      { numRuns: 10_000 },
    );

    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(200);
  });

  it('differs where it is listed, each in its own way', () => {
    const body = Buffer.from('{}');
    const good = goodSignature('msg_1', SECONDS, body);
    const other = `v1,${'A'.repeat(43)}=`;
    const make = (timestamp: string, signature: string, bytes = body): Case => ({
      headers: { 'svix-id': 'msg_1', 'svix-timestamp': timestamp, 'svix-signature': signature },
      body: bytes,
    });
    const both = (delivery: Case): string[] => [askLibrary(delivery), askOurs(delivery)];

    expect(both(make(`${SECONDS}abc`, good))).toEqual(['verified', 'refused']);
    expect(both(make(`0${SECONDS}`, good))).toEqual(['verified', 'refused']);
    expect(both(make(String(SECONDS), `${other},${good}`))).toEqual(['refused', 'verified']);
    expect(both(make(String(SECONDS), `${good},whatever`))).toEqual(['verified', 'refused']);
    const broken = Buffer.from([0x22, 0xff, 0x22]);
    expect(both(make(String(SECONDS), goodSignature('msg_1', SECONDS, broken), broken))).toEqual([
      'verified',
      'refused',
    ]);
    const words = Buffer.from('not json');
    expect(both(make(String(SECONDS), goodSignature('msg_1', SECONDS, words), words))).toEqual([
      'not_json',
      'verified',
    ]);
    const many = [...Array.from({ length: 64 }, () => other), good].join(' ');
    expect(both(make(String(SECONDS), many))).toEqual(['verified', 'refused']);
  });

  it('reads every list of spaces as the library does', () => {
    expect(v1Signatures(`v1,${'a'.repeat(44)} v1a,${'b'.repeat(44)} v1,${'c'.repeat(44)}`)).toEqual([
      'a'.repeat(44),
      'c'.repeat(44),
    ]);
  });
});
