import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { civilDate, instant } from '../../../src/domain/event/said-time.js';

describe('an instant as a sender writes it', () => {
  it('is read with its offset, and as UTC without one', () => {
    const nine = Date.UTC(2026, 10, 2, 9);
    expect(instant('2026-11-02T09:00:00.000Z')).toBe(nine);
    expect(instant('2026-11-02T10:00:00+01:00')).toBe(nine);
    expect(instant('2026-11-02T04:00:00-0500')).toBe(nine);
    expect(instant('2026-11-02T09:00:00')).toBe(nine);
    expect(instant('2026-11-02 09:00')).toBe(nine);
    expect(instant('2026-11-02T09:00:00.123456Z')).toBe(nine + 123);
    expect(instant(nine)).toBe(nine);
    expect(instant(nine / 1000)).toBe(nine);
  });

  it('is nothing where there is no such instant, and null where null is said', () => {
    for (const value of [
      '',
      'soon',
      '2026-02-30T09:00:00Z',
      '1969-12-31T23:59:59Z',
      '2026-11-02',
      -5,
      1e300,
      Number.NaN,
      {},
      [],
    ])
      expect(instant(value)).toBeUndefined();
    expect(instant(null)).toBeNull();
  });

  it('agrees with the platform on every full date-time', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
        expect(instant(date.toISOString())).toBe(date.getTime());
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a civil date as a sender writes it', () => {
  it('is the date as written, never moved by a zone', () => {
    expect(civilDate('2026-12-18')).toBe('2026-12-18');
    expect(civilDate('2026-12-18T00:00:00Z')).toBe('2026-12-18');
    expect(civilDate('2026-12-18T23:30:00-08:00')).toBe('2026-12-18');
    expect(civilDate('2028-02-29')).toBe('2028-02-29');
  });

  it('says nothing where there is no such day, and clears where null is said', () => {
    for (const value of ['2026-02-29', '2026-13-01', '18.12.2026', '2026-12-18x', 20261218, true])
      expect(civilDate(value)).toBeUndefined();
    expect(civilDate(null)).toBeNull();
  });
});
