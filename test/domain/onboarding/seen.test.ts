import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasSeen, remember, type Seen, shortHash } from '../../../src/domain/onboarding/seen.js';

const filled = (count: number, day: number): Seen =>
  Array.from({ length: count }, (_, n) => `evt_${n}`).reduce((seen: Seen, id) => remember(seen, id, day), []);

describe('ids that were seen', () => {
  it('are known again, others are not', () => {
    const seen = filled(50, 20_000);
    expect(hasSeen(seen, 'evt_7')).toBe(true);
    expect(hasSeen(seen, 'evt_50')).toBe(false);
    expect(remember(seen, 'evt_7', 20_001)).toBe(seen);
  });

  it('are kept for 90 days', () => {
    const seen = remember([], 'old', 20_000);
    expect(hasSeen(remember(seen, 'new', 20_090), 'old')).toBe(true);
    expect(hasSeen(remember(seen, 'new', 20_091), 'old')).toBe(false);
  });

  it('are at most 1,000, the newest ones', () => {
    const seen = filled(1_005, 20_000);
    expect(seen).toHaveLength(1_000);
    expect([hasSeen(seen, 'evt_4'), hasSeen(seen, 'evt_5'), hasSeen(seen, 'evt_1004')]).toEqual([false, true, true]);
    expect(JSON.stringify(seen).length).toBeLessThan(25_000);
  });

  it('have short hashes that do not meet', () => {
    const ids = Array.from({ length: 50_000 }, (_, n) => `evt_${n.toString(36)}`);
    expect(new Set(ids.map(shortHash)).size).toBe(ids.length);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (id) => {
        expect(shortHash(id)).toMatch(/^[0-9a-z]{1,11}$/);
      }),
      { numRuns: 1000 },
    );
  });
});
