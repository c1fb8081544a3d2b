import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { MalformedSecret, parseSecrets } from '../../src/signature/secret.js';

const ONE = `whsec_${Buffer.from('first-test-secret-000001').toString('base64')}`;
const TWO = `whsec_${Buffer.from('second-test-secret-00002').toString('base64')}`;

const refusal = (text: string): string => {
  try {
    parseSecrets(text);
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedSecret);
    return (error as Error).message;
  }
  throw new Error('it was accepted');
};

describe('parseSecrets', () => {
  it('reads several secrets, with and without labels, separated by spaces, commas or lines', () => {
    expect(parseSecrets(`old=${ONE}, new=${TWO}`).map((secret) => secret.label)).toEqual(['old', 'new']);
    expect(parseSecrets(`${ONE} ${TWO}`)).toHaveLength(2);
    expect(parseSecrets(`${ONE},${TWO}`)).toHaveLength(2);
    expect(parseSecrets(`\n${ONE}\n  b.2_x-y=${TWO}\n`)[1]?.label).toBe('b.2_x-y');
  });

  it('keeps the label of an unlabelled secret when another is put before it', () => {
    const before = parseSecrets(ONE)[0]?.label;
    expect(parseSecrets(`${TWO} ${ONE}`)[1]?.label).toBe(before);
    expect(before).toMatch(/^key-[0-9a-f]{8}$/);
  });

  it('counts a secret given twice once', () => {
    expect(parseSecrets(`${ONE} ${ONE} again=${ONE}`)).toHaveLength(1);
  });

  it.each([
    ['', /No secret is given/],
    [' , ', /No secret is given/],
    ['abcdefghijklmnop', /Secret 1 of 1 does not begin with whsec_/],
    [`${ONE} WHSEC_xyz`, /Secret 2 of 2 does not begin with whsec_/],
    [`${ONE} b=whsec_****`, /Secret 2 of 2 \(b\) is not base64/],
    [`whsec_`, /too short: 0 bytes/],
    [`whsec_${Buffer.from('short').toString('base64')}`, /too short: 5 bytes/],
    [`a b=${ONE}`, /Secret 1 of 2 does not begin/],
    [`a/b=${ONE}`, /label/],
    [`=${ONE}`, /label/],
    [`same=${ONE} same=${TWO}`, /Two different secrets have the label same/],
  ])('says what is wrong with %j', (text, message) => {
    expect(refusal(text)).toMatch(message);
  });

  it('never shows a secret, neither in an error nor in a log', () => {
    const broken = `${ONE.slice(0, -3)}!!!`;
    expect(refusal(`a=${broken}`)).not.toContain(ONE.slice(6, 20));
    const [secret] = parseSecrets(`a=${ONE}`);
    for (const shown of [JSON.stringify(secret), inspect(secret, { depth: 9, showHidden: true })]) {
      expect(shown).not.toContain(ONE.slice(6, 20));
      expect(shown).not.toContain('102, 105, 114, 115');
    }
  });
});
