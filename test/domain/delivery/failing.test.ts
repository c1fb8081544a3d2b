import { describe, expect, it } from 'vitest';
import { crossed } from '../../../src/domain/delivery/failing.js';

describe('a run of failed deliveries', () => {
  it('warns at 50, 70 and 90 and disables at 100, once each', () => {
    const told = Array.from({ length: 120 }, (_, n) => [n + 1, crossed(n, n + 1)]).filter(([, what]) => what !== null);

    expect(told).toEqual([
      [50, 'warn'],
      [70, 'warn'],
      [90, 'warn'],
      [100, 'disable'],
    ]);
  });

  it('warns once where it passes several at a time, and only disables where it passes the last', () => {
    expect(crossed(40, 95)).toBe('warn');
    expect(crossed(40, 130)).toBe('disable');
    expect(crossed(51, 69)).toBeNull();
  });

  it('says nothing while it shrinks', () => {
    expect(crossed(99, 60)).toBeNull();
    expect(crossed(60, 0)).toBeNull();
  });
});
