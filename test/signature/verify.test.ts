import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSecrets } from '../../src/signature/secret.js';
import { sign } from '../../src/signature/sign.js';
import { MOST_SIGNATURES } from '../../src/signature/signature-list.js';
import { type Delivery, isSame, verify } from '../../src/signature/verify.js';

const text = (name: string): string => `whsec_${Buffer.from(name.padEnd(24, '-')).toString('base64')}`;
const [first, second, stranger] = parseSecrets(`first=${text('one')} second=${text('two')} other=${text('three')}`);
if (!first || !second || !stranger) throw new Error('three secrets');

const NOW = Date.UTC(2026, 10, 2, 9, 0, 0, 500);
const SECONDS = Math.floor(NOW / 1000);
const TRUST = { secrets: [first, second], now: NOW, toleranceMs: 300_000 };
const BODY = Buffer.from('{"id":"evt_1","type":"onboarding.created","data":{"object":{"name":"Acme · Zürich"}}}');

const signed = (secret = first, at: string | number = SECONDS, body: Buffer = BODY, id = 'msg_1'): Delivery => ({
  headers: { ...sign(secret, id, Number(at), body), 'svix-timestamp': String(at), 'webhook-timestamp': String(at) },
  body,
});
const withHeaders = (delivery: Delivery, headers: Delivery['headers']): Delivery => ({
  ...delivery,
  headers: { ...delivery.headers, ...headers },
});
const signatureOf = (secret = first): string => secret.signature('msg_1', SECONDS, BODY);
const withSignatures = (header: string): Delivery =>
  withHeaders(signed(), { 'svix-signature': header, 'webhook-signature': undefined });

const outcome = (delivery: Delivery, trust = TRUST): string => {
  const verdict = verify(delivery, trust);
  return verdict.verified ? verdict.secret : verdict.reason;
};

describe('verify', () => {
  it('names the secret that matched, the delivery and when it was signed', () => {
    expect(verify(signed(second), TRUST)).toEqual({
      verified: true,
      deliveryId: 'msg_1',
      timestampSeconds: SECONDS,
      secret: 'second',
    });
  });

  it('takes either family of headers', () => {
    const { headers, body } = signed();
    for (const family of ['svix', 'webhook']) {
      const own = Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith(family)));
      expect(outcome({ headers: own, body })).toBe('first');
    }
  });

  it('does not believe a secret that is not active', () => {
    expect(outcome(signed(stranger))).toBe('no_matching_signature');
    expect(outcome(signed(second), { ...TRUST, secrets: [first] })).toBe('no_matching_signature');
    expect(outcome(signed(), { ...TRUST, secrets: [] })).toBe('no_matching_signature');
  });

  it('keeps accepting through a rotation, and refuses the old secret after it', () => {
    const both = withSignatures(`${signatureOf(first)} ${signatureOf(second)}`);
    expect(outcome(both, { ...TRUST, secrets: [first] })).toBe('first');
    expect(outcome(both, { ...TRUST, secrets: [second] })).toBe('second');
    expect(outcome(signed(first), { ...TRUST, secrets: [second] })).toBe('no_matching_signature');
  });
});

describe('the list of signatures', () => {
  const other = `v1,${Buffer.alloc(32, 7).toString('base64')}`;
  const beginsLikeAVersion = `v1,${'v1'.padEnd(43, 'A')}=`;

  it.each([
    ['separated by a space', `${other} ${signatureOf()}`],
    ['separated by a comma', `${other},${signatureOf()}`],
    ['the right one first', `${signatureOf()},${other}`],
    ['separated by comma and space', `${other}, ${signatureOf()}`],
    ['with other schemes about it', `v1a,${'x'.repeat(88)} ${signatureOf()} v2,zzz`],
    ['other schemes joined by commas', `v1a,${'x'.repeat(88)},${signatureOf()},v0,abc`],
    ['after a signature that begins like a version', `${beginsLikeAVersion},${signatureOf()}`],
    ['more spaces than one', `  ${other}    ${signatureOf()} `],
  ])('is read %s', (_, header) => {
    expect(outcome(withSignatures(header))).toBe('first');
  });

  it.each([
    ['only another scheme', signatureOf().replace('v1,', 'v1a,')],
    ['version 0', signatureOf().replace('v1,', 'v0,')],
    ['version 11', signatureOf().replace('v1,', 'v11,')],
    ['upper case', signatureOf().replace('v1,', 'V1,')],
    ['no version', signatureOf().slice(3)],
    ['no signature', 'v1,'],
    ['cut short', signatureOf().slice(0, -1)],
    ['with something behind it', `${signatureOf()}x`],
    ['base64 of the URL kind', signatureOf().replaceAll('+', '-').replaceAll('/', '_').replace(/=$/, '')],
    [
      'a character that ends in the same byte',
      `v1,${signatureOf()
        .slice(3)
        .replace(/./, (c) => String.fromCharCode(c.charCodeAt(0) + 256))}`,
    ],
    ['300 wrong ones', Array.from({ length: 300 }, () => other).join(' ')],
  ])('matches nothing with %s', (_, header) => {
    expect(outcome(withSignatures(header))).toBe('no_matching_signature');
  });

  it('is looked at up to a bound', () => {
    const full = Array.from({ length: MOST_SIGNATURES - 1 }, () => other);
    expect(outcome(withSignatures([...full, signatureOf()].join(' ')))).toBe('first');
    expect(outcome(withSignatures([...full, other, signatureOf()].join(' ')))).toBe('no_matching_signature');
  });

  it('finds a signature that itself begins with a version, whatever separates it', () => {
    // Such a signature comes once in 4,096 messages; ids are tried until one does.
    const id = Array.from({ length: 100_000 }, (_, n) => `msg_${n}`).find((candidate) =>
      first.signature(candidate, SECONDS, 'x').startsWith('v1,v'),
    );
    if (!id) throw new Error('none found');
    const right = first.signature(id, SECONDS, 'x');
    for (const header of [`${other},${right}`, `${right},${other}`, `${right} ${other}`, right]) {
      const headers = { 'svix-id': id, 'svix-timestamp': String(SECONDS), 'svix-signature': header };
      expect(outcome({ headers, body: Buffer.from('x') })).toBe('first');
    }
  });
});

describe('the timestamp', () => {
  it.each([
    [SECONDS - 300, 'first'],
    [SECONDS + 300, 'first'],
    [SECONDS - 301, 'stale_timestamp'],
    [SECONDS + 301, 'future_timestamp'],
    ['0', 'stale_timestamp'],
    ['-1', 'bad_timestamp'],
    ['1e10', 'bad_timestamp'],
    ['NaN', 'bad_timestamp'],
    [`${SECONDS}abc`, 'bad_timestamp'],
    [`${SECONDS}.5`, 'bad_timestamp'],
    [` ${SECONDS}`, 'bad_timestamp'],
    [`0${SECONDS}`, 'bad_timestamp'],
    [`+${SECONDS}`, 'bad_timestamp'],
    ['9'.repeat(400), 'bad_timestamp'],
    [String(NOW), 'future_timestamp'],
  ])('%s is answered %s', (at, expected) => {
    const right = signed(first, /^\d{1,15}$/.test(String(at)) ? at : SECONDS);
    expect(outcome(withHeaders(right, { 'svix-timestamp': String(at) }))).toBe(expected);
  });

  it('is judged before the signature, and a missing header before both', () => {
    const stale = withHeaders(signed(stranger, SECONDS - 999), { 'svix-signature': 'v1,x' });
    expect(outcome(stale)).toBe('stale_timestamp');
    expect(outcome({ headers: { 'svix-timestamp': 'x', 'svix-signature': 'x' }, body: BODY })).toBe('missing_header');
  });

  it.each(['id', 'timestamp', 'signature'])('and every other header must be there: svix-%s', (name) => {
    for (const value of [undefined, '']) {
      const verdict = verify(withHeaders(signed(), { [`svix-${name}`]: value, [`webhook-${name}`]: undefined }), TRUST);
      expect(verdict).toMatchObject({ verified: false, reason: 'missing_header' });
      expect(verdict).toHaveProperty('message', expect.stringContaining(`svix-${name}`));
    }
  });
});

describe('a changed byte', () => {
  const longBody = Buffer.from(JSON.stringify({ id: 'evt_1', text: 'Borealis GmbH · '.repeat(60) })).subarray(0, 1024);

  it('anywhere in a body of 1 kB fails', () => {
    const body = Buffer.from(longBody.toString('utf8'));
    const delivery = signed(first, SECONDS, body);
    expect(outcome(delivery)).toBe('first');
    for (let at = 0; at < body.length; at++) {
      const broken = Buffer.from(body);
      broken[at] = (broken[at] as number) ^ (1 << (at % 8));
      expect(outcome({ ...delivery, body: broken }), `byte ${at}`).toBe('no_matching_signature');
    }
  });

  it('into bytes that are not UTF-8 fails, though the library signs them alike', () => {
    const [broken, same] = [Buffer.from([0x7b, 0xff, 0x7d]), Buffer.from([0x7b, 0xfe, 0x7d])];
    expect(first.signature('msg_1', SECONDS, broken)).toBe(first.signature('msg_1', SECONDS, same));
    expect(outcome(signed(first, SECONDS, broken))).toBe('no_matching_signature');
  });

  it('in any place, at any bit, fails: 10,000 of them', () => {
    const part = fc.constantFrom('body', 'svix-id', 'svix-timestamp', 'svix-signature');
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 200 }),
        part,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (content, name, place, flip) => {
          const delivery = signed(first, SECONDS, Buffer.from(content));
          expect(outcome(delivery)).toBe('first');
          const broken = flipOne(delivery, name, place, flip);
          if (broken) expect(verify(broken, TRUST).verified).toBe(false);
        },
      ),
      { numRuns: 10_000 },
    );
  });
});

/** Changes one byte of the body or, as a character of Latin-1, of a header. */
function flipOne(delivery: Delivery, name: string, place: number, flip: number): Delivery | undefined {
  const bytes = name === 'body' ? Buffer.from(delivery.body) : Buffer.from(String(delivery.headers[name]), 'latin1');
  if (bytes.length === 0) return undefined;
  const at = place % bytes.length;
  bytes[at] = (bytes[at] as number) ^ flip;
  return name === 'body' ? { ...delivery, body: bytes } : withHeaders(delivery, { [name]: bytes.toString('latin1') });
}

interface Recording {
  readonly secrets: readonly string[];
  readonly deliveries: readonly { readonly headers: Record<string, string>; readonly body: string }[];
}

describe('deliveries recorded from Svix itself', () => {
  const file = new URL('../fixtures/svix-deliveries.json', import.meta.url);
  const { secrets, deliveries } = JSON.parse(readFileSync(file, 'utf8')) as Recording;
  const [older, newer] = parseSecrets(secrets.map((secret, n) => `s${n}=${secret}`).join(' '));
  if (!older || !newer) throw new Error('two secrets');
  const recorded = deliveries.map(({ headers, body }, n) => ({
    n,
    delivery: { headers, body: Buffer.from(body) },
    trust: { secrets: [older, newer], now: Number(headers['svix-timestamp']) * 1000, toleranceMs: 300_000 },
  }));

  it.each(recorded)('delivery $n verifies at its instant and not ten minutes later', ({ delivery, trust }) => {
    expect(verify(delivery, trust).verified).toBe(true);
    expect(outcome(delivery, { ...trust, now: trust.now + 600_000 })).toBe('stale_timestamp');
  });

  it('those after the rotation verify with either secret, those before it with the older', () => {
    const wholeOnly = (secret: typeof older): string[] =>
      recorded.map(({ delivery, trust }) => outcome(delivery, { ...trust, secrets: [secret] }));
    expect(wholeOnly(older)).toEqual(Array.from({ length: recorded.length }, () => 's0'));
    expect(wholeOnly(newer).slice(-3)).toEqual(['s1', 's1', 's1']);
    expect(
      wholeOnly(newer)
        .slice(0, -3)
        .every((word) => word === 'no_matching_signature'),
    ).toBe(true);
  });

  it.each(recorded)('delivery $n with any one byte changed does not verify', ({ delivery, trust }) => {
    for (const name of ['body', 'svix-id', 'svix-timestamp', 'svix-signature']) {
      const length = name === 'body' ? delivery.body.length : String(delivery.headers[name]).length;
      for (let at = 0; at < length; at++) {
        const broken = flipOne(delivery, name, at, 1 << (at % 8)) as Delivery;
        // One of two signatures may break: the other one still vouches for the whole.
        const spoilt = name === 'svix-signature' ? onlyTheBroken(broken, delivery) : broken;
        expect(verify(spoilt, trust).verified, `${name} at ${at}`).toBe(false);
      }
    }
  });
});

function onlyTheBroken(broken: Delivery, whole: Delivery): Delivery {
  const intact = String(whole.headers['svix-signature']).split(' ');
  const left = String(broken.headers['svix-signature'])
    .split(' ')
    .filter((entry) => !intact.includes(entry));
  return withHeaders(broken, { 'svix-signature': left.join(' ') || 'v1,' });
}

describe('the comparison', () => {
  it('takes as long for a wrong first byte as for a wrong last one (Welch |t| < 4.5)', () => {
    // A noisy neighbour can spoil a round; a comparison that stops early spoils every one (|t| of some hundreds).
    const rounds = Array.from({ length: 15 }, () => Math.abs(welch(...timings(2_000))));
    expect(Math.min(...rounds)).toBeLessThan(4.5);
  });

  /** In memory of its own, anew for each round: where a text happens to lie is some part of how long it takes. */
  function apart(text: string): Buffer {
    return Buffer.alloc(text.length, text);
  }

  /**
   * Taken in turns, so that a drift of the machine meets both, each as often first as second and from one place in the code,
   * so that no order and no compilation favours one; the slowest quarter is the machine's doing.
   */
  function timings(count: number): [number[], number[]] {
    const expected = apart('A'.repeat(44));
    const wrong = [apart(`B${'A'.repeat(43)}`), apart(`${'A'.repeat(43)}B`)] as const;
    const spans: [number[], number[]] = [[], []];
    for (let n = 0; n < count; n++) {
      for (const which of n % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const))
        spans[which].push(time(wrong[which], expected));
    }
    const quickest = (taken: number[]): number[] => taken.sort((a, b) => a - b).slice(0, count * 0.75);
    return [quickest(spans[0]), quickest(spans[1])];
  }

  function time(given: Buffer, expected: Buffer): number {
    const from = performance.now();
    for (let n = 0; n < 50; n++) isSame(given, expected);
    return performance.now() - from;
  }

  function welch(a: readonly number[], b: readonly number[]): number {
    const mean = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x, 0) / xs.length;
    const error = (xs: readonly number[]): number =>
      xs.reduce((sum, x) => sum + (x - mean(xs)) ** 2, 0) / (xs.length - 1) / xs.length;
    return (mean(a) - mean(b)) / Math.sqrt(error(a) + error(b));
  }
});
