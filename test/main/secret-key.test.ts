import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { secretKey } from '../../src/main/secret-key.js';

describe('the key of secrets at rest', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'slipway-key-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('is made once in the data directory, for its owner alone, and is the same at the next start', () => {
    const made = secretKey(undefined, dir);

    expect(made).toHaveLength(32);
    expect(secretKey('', dir)).toEqual(made);
    expect(statSync(join(dir, 'secret-key')).mode & 0o777).toBe(0o600);
  });

  it('is what the variable says where it is set, and then none is made', () => {
    const given = Buffer.alloc(32, 7);

    expect(secretKey(` ${given.toString('base64')}\n`, dir)).toEqual(given);
    expect(() => readFileSync(join(dir, 'secret-key'))).toThrow('ENOENT');
  });

  it('is not made where the store is shared with other machines', () => {
    expect(secretKey(undefined, null)).toBeUndefined();
  });

  it('is refused with what to do where it has another length', () => {
    expect(() => secretKey('c2hvcnQ=', dir)).toThrow(
      'SLIPWAY_SECRET_KEY holds 5 bytes and not 32: make a key with `openssl rand -base64 32`',
    );
  });
});
