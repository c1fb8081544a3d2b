import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Doorkeeper } from '../../src/api/doorkeeper.js';
import type { Role, TokenRecord } from '../../src/contracts/access.js';
import { StoreUnavailable } from '../../src/contracts/inbox.js';

const NOW = Date.UTC(2026, 10, 23, 10);
const HERE = '192.0.2.1';
const ELSEWHERE = '192.0.2.2';
const bearer = (token: string) => `Bearer ${token}`;

/** Tokens as the store answers for them, and how often it was asked. */
class Tokens {
  readonly records = new Map<string, TokenRecord>();
  asked = 0;
  isAway = false;

  add(token: string, role: Role, more: Partial<TokenRecord> = {}): void {
    const name = token.replace('slp_', '');
    const never = { expiresAt: null, revokedAt: null, lastUsedAt: null };
    this.records.set(token, { id: name, name, role, createdAt: NOW, createdBy: 'bootstrap', ...never, ...more });
  }

  async authenticate(token: string): Promise<TokenRecord | undefined> {
    this.asked++;
    if (this.isAway) throw new StoreUnavailable('away');
    return this.records.get(token);
  }
}

let tokens: Tokens;
let door: Doorkeeper;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  tokens = new Tokens();
  tokens.add('slp_desk', 'operator');
  door = new Doorkeeper('the-bootstrap-token', tokens, Date.now);
});
afterEach(() => void vi.useRealTimers());

const later = (ms: number): void => void vi.setSystemTime(Date.now() + ms);
const enter = (token: string, address = HERE) => door.callerOf(bearer(token), address);

async function guess(times: number, address = HERE): Promise<void> {
  for (let n = 0; n < times; n++) expect(await enter(`slp_wrong_${address}_${n}`, address)).toBeUndefined();
}

describe('a caller', () => {
  it('is who holds the token that is shown', async () => {
    expect(await enter('slp_desk')).toEqual({ name: 'token:desk', role: 'operator' });
    expect(await enter('the-bootstrap-token')).toEqual({ name: 'bootstrap', role: 'admin' });
    expect(await enter('slp_other')).toBeUndefined();
    expect(await door.callerOf(undefined, HERE)).toBeUndefined();
  });

  it('without any token is the admin of this machine where none is set, but not with a wrong one', async () => {
    door = new Doorkeeper(undefined, tokens, Date.now);

    expect(await door.callerOf(undefined, HERE)).toEqual({ name: 'local', role: 'admin' });
    expect(await enter('slp_desk')).toEqual({ name: 'token:desk', role: 'operator' });
    expect(await enter('slp_other')).toBeUndefined();
  });
});

describe('a named token', () => {
  it('is looked up once in two seconds, however many requests come with it', async () => {
    await Promise.all(Array.from({ length: 50 }, () => enter('slp_desk')));
    later(1_999);
    await enter('slp_desk');
    expect(tokens.asked).toBe(1);

    later(1);
    await enter('slp_desk');
    expect(tokens.asked).toBe(2);
  });

  it('that is revoked, on whichever server, is refused here within two seconds', async () => {
    await enter('slp_desk');
    tokens.records.delete('slp_desk');

    later(2_000);
    expect(await enter('slp_desk')).toBeUndefined();
  });

  it('that was made a moment ago is let in', async () => {
    expect(await enter('slp_new')).toBeUndefined();
    tokens.add('slp_new', 'viewer');

    later(2_000);
    expect(await enter('slp_new')).toEqual({ name: 'token:new', role: 'viewer' });
  });

  it('goes on being let in for five minutes where the store is away, up to its own end', async () => {
    tokens.add('slp_short', 'viewer', { expiresAt: NOW + 60_000 });
    await enter('slp_desk');
    await enter('slp_short');
    tokens.isAway = true;

    later(59_000);
    expect(await enter('slp_short')).toBeDefined();
    later(1_000);
    await expect(enter('slp_short')).rejects.toThrow(StoreUnavailable);
    later(240_000);
    expect(await enter('slp_desk')).toBeDefined();
    later(1);
    await expect(enter('slp_desk')).rejects.toThrow(StoreUnavailable);
    await expect(enter('slp_stranger')).rejects.toThrow(StoreUnavailable);
    expect(await enter('the-bootstrap-token')).toBeDefined();
  });

  it('is asked about again at once after the store was away', async () => {
    tokens.isAway = true;
    await expect(enter('slp_desk')).rejects.toThrow(StoreUnavailable);
    tokens.isAway = false;

    expect(await enter('slp_desk')).toBeDefined();
  });
});

describe('wrong tokens', () => {
  it('are bounded by network: after thirty in a minute it is told to wait, and the store is not asked', async () => {
    await guess(30);
    later(20_000);
    const asked = tokens.asked;

    const refusal = { code: 'TooManyRequests', detail: { headers: { 'Retry-After': '40' } } };
    await expect(enter('slp_wrong')).rejects.toMatchObject(refusal);
    await expect(enter('slp_wrong')).rejects.toMatchObject(refusal);
    expect(tokens.asked).toBe(asked);
    expect(await enter('slp_desk', ELSEWHERE)).toBeDefined();
    later(40_000);
    expect(await enter('slp_wrong')).toBeUndefined();
  });

  it('lock out nobody of their network whose token was right there before, the bootstrap token included', async () => {
    await enter('slp_desk');
    await enter('the-bootstrap-token');
    await guess(40).catch(() => {});

    later(5_000);
    expect(await enter('slp_desk')).toBeDefined();
    expect(await enter('the-bootstrap-token')).toBeDefined();
  });

  it('shut their network to the bootstrap token, which was let in from elsewhere alone, until the minute is over', async () => {
    await enter('the-bootstrap-token', ELSEWHERE);
    await guess(30);

    await expect(enter('the-bootstrap-token')).rejects.toMatchObject({ code: 'TooManyRequests' });
    expect(await enter('the-bootstrap-token', ELSEWHERE)).toBeDefined();
    later(60_000);
    expect(await enter('the-bootstrap-token')).toBeDefined();
    await guess(40).catch(() => {});
    expect(await enter('the-bootstrap-token')).toBeDefined();
  });

  it('that may be the bootstrap token are thirty a minute, though they come at once and the store is away', async () => {
    tokens.isAway = true;
    const words = Array.from({ length: 30 }, (_, n) => `word-${n}`);

    const ended = await Promise.allSettled([...words, 'the-bootstrap-token'].map((word) => enter(word)));

    expect(ended.map(({ status }) => status)).toEqual([...words.map(() => 'fulfilled'), 'rejected']);
    expect(tokens.asked).toBe(0);
  });

  it('lock the owner out of the network that was let in longest ago, where there are more than a thousand', async () => {
    for (let n = 0; n <= 1_000; n++) await enter('the-bootstrap-token', `198.51.${n >> 8}.${n & 255}`);
    later(60_000);
    await guess(30, '198.51.0.0');
    await guess(30, '198.51.0.1');

    await expect(enter('the-bootstrap-token', '198.51.0.0')).rejects.toMatchObject({ code: 'TooManyRequests' });
    expect(await enter('the-bootstrap-token', '198.51.0.1')).toBeDefined();
  });

  it('of a token that was right and is revoked count like any other', async () => {
    await enter('slp_desk');
    tokens.records.delete('slp_desk');
    later(2_000);
    await enter('slp_desk');
    await guess(29);

    await expect(enter('slp_desk')).rejects.toMatchObject({ code: 'TooManyRequests' });
  });

  it('are forgotten one by one: a flood of them from everywhere holds no more than a thousand', async () => {
    for (let n = 0; n < 3_000; n++) await enter(`slp_flood_${n}`, `198.51.${n >> 8}.${n & 255}`);
    const asked = tokens.asked;

    await enter('slp_flood_2999', ELSEWHERE);
    expect(tokens.asked).toBe(asked);
    await enter('slp_flood_0', ELSEWHERE);
    expect(tokens.asked).toBe(asked + 1);
  });
});

describe('requests', () => {
  it('of one token are bounded, 6,000 a minute, and those of others go on', async () => {
    tokens.add('slp_other', 'viewer');
    for (let n = 0; n < 6_000; n++) await enter('slp_desk', n % 2 ? HERE : ELSEWHERE);
    later(15_000);

    await expect(enter('slp_desk')).rejects.toMatchObject({
      code: 'TooManyRequests',
      detail: { headers: { 'Retry-After': '45' } },
    });
    expect(await enter('slp_other')).toBeDefined();
    expect(await enter('the-bootstrap-token')).toBeDefined();
    later(45_000);
    expect(await enter('slp_desk')).toBeDefined();
  });

  it('that do not count are let in however many there were', async () => {
    for (let n = 0; n < 6_001; n++) await door.callerOf(bearer('slp_desk'), HERE, { counts: false });
    expect(await enter('slp_desk')).toBeDefined();
    for (let n = 0; n < 6_000; n++) await enter('slp_desk').catch(() => undefined);

    await expect(enter('slp_desk')).rejects.toMatchObject({ code: 'TooManyRequests' });
    expect(await door.callerOf(bearer('slp_desk'), HERE, { counts: false })).toMatchObject({ role: 'operator' });
  });

  it('without a token, on this machine, are not', async () => {
    door = new Doorkeeper(undefined, tokens, Date.now);

    for (let n = 0; n < 6_001; n++) await door.callerOf(undefined, HERE);
    expect(await door.callerOf(undefined, HERE)).toBeDefined();
  });
});
