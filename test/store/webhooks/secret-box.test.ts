import { describe, expect, it } from 'vitest';
import { NoSecretKey } from '../../../src/contracts/webhooks.js';
import { SecretBox } from '../../../src/store/webhooks/secret-box.js';

const SECRET = 'whsec_c2VjcmV0IG9mIGFuIGVuZHBvaW50';
const box = new SecretBox(Buffer.alloc(32, 1));

describe('a secret that is kept', () => {
  it('comes back as it was, and lies there unreadable and never twice the same', () => {
    const sealed = box.seal(SECRET, 'ep_1');

    expect(box.open(sealed, 'ep_1')).toBe(SECRET);
    expect(sealed.toString('latin1')).not.toContain('whsec_');
    expect(box.seal(SECRET, 'ep_1').equals(sealed)).toBe(false);
    expect(sealed[0]).toBe(1);
  });

  it('opens for no other endpoint', () => {
    expect(() => box.open(box.seal(SECRET, 'ep_1'), 'ep_2')).toThrow(NoSecretKey);
  });

  it('opens with no other key, and says what to do', () => {
    const other = new SecretBox(Buffer.alloc(32, 2));

    expect(() => other.open(box.seal(SECRET, 'ep_1'), 'ep_1')).toThrow(/another SLIPWAY_SECRET_KEY.*rotate/);
  });

  it('opens no more once any byte of it is another', () => {
    const sealed = box.seal(SECRET, 'ep_1');
    for (let at = 0; at < sealed.length; at++) {
      const damaged = Buffer.from(sealed);
      damaged[at] = (damaged[at] as number) ^ 1;
      expect(() => box.open(damaged, 'ep_1')).toThrow(NoSecretKey);
    }
    expect(() => box.open(Buffer.alloc(0), 'ep_1')).toThrow(NoSecretKey);
  });

  it('cannot be kept without a key, and the refusal says how to make one', () => {
    expect(() => new SecretBox(undefined).seal(SECRET, 'ep_1')).toThrow(/SLIPWAY_SECRET_KEY.*openssl rand -base64 32/);
  });
});
