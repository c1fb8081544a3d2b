import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageIdOf, newId } from '../../../src/store/webhooks/ids.js';

const MONDAY = Date.UTC(2026, 10, 23, 9);

describe('ids', () => {
  it('are written as Svix writes them', () => {
    expect(newId('app_', MONDAY)).toMatch(/^app_[0-9A-Za-z]{27}$/);
    expect(newId('ep_', MONDAY)).not.toBe(newId('ep_', MONDAY));
  });

  it('sort by the second they were made in', () => {
    const second = fc.integer({ min: 1_400_000_001, max: 5_600_000_000 });
    fc.assert(
      fc.property(second, second, (one, other) => {
        fc.pre(one < other);
        expect(newId('msg_', one * 1000) < newId('msg_', other * 1000)).toBe(true);
      }),
    );
  });

  it('begin with the time as any reader of KSUIDs knows it', () => {
    // The example of segmentio/ksuid: 107608047 seconds after its epoch.
    expect(newId('msg_', (1_400_000_000 + 107_608_047) * 1000).slice(4, 9)).toBe('0ujts');
  });

  it('are the digits of their bytes, the largest first', () => {
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    fc.assert(
      fc.property(fc.string(), (event) => {
        const id = messageIdOf('app_slipway', event, MONDAY);
        let bytes = 0n;
        for (const digit of id.slice('msg_'.length)) bytes = bytes * 62n + BigInt(digits.indexOf(digit));
        const digest = createHash('sha256').update(`app_slipway\0${event}`).digest('hex').slice(0, 32);
        expect(bytes.toString(16)).toBe(`${(MONDAY / 1000 - 1_400_000_000).toString(16)}${digest}`);
      }),
    );
  });

  it('never come twice', () => {
    expect(new Set(Array.from({ length: 1_000 }, () => newId('msg_', MONDAY))).size).toBe(1_000);
  });

  it('of a message made for an event are the same again, and differ by event and application', () => {
    const id = messageIdOf('app_slipway', 'evt_1', MONDAY);

    expect(messageIdOf('app_slipway', 'evt_1', MONDAY)).toBe(id);
    expect(messageIdOf('app_slipway', 'evt_2', MONDAY)).not.toBe(id);
    expect(messageIdOf('app_slipway_test', 'evt_1', MONDAY)).not.toBe(id);
    expect(id.slice(0, 8)).toBe(newId('msg_', MONDAY).slice(0, 8));
  });

  it('are made of instants beyond what they can tell', () => {
    expect(newId('msg_', 0)).toHaveLength(31);
    expect(newId('msg_', 8e15)).toHaveLength(31);
  });
});
