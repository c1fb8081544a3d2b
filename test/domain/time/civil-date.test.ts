import { describe, expect, it } from 'vitest';
import {
  endOfCivilDay,
  formatCivilDay,
  localTime,
  parseCivilDay,
  startOfCivilDay,
} from '../../../src/domain/time/civil-date.js';
import { BERLIN_OFFICE, calendar, utc } from './calendars.js';

const SAO_PAULO = calendar('America/Sao_Paulo', BERLIN_OFFICE.week);
const iso = (at: number): string => new Date(at).toISOString().slice(0, 16);

describe('civil dates', () => {
  it('end where the next day begins in the calendar zone, also on days of 23 and 25 hours', () => {
    expect(iso(endOfCivilDay(BERLIN_OFFICE, '2026-11-30'))).toBe('2026-11-30T23:00');
    expect(iso(endOfCivilDay(BERLIN_OFFICE, '2026-03-29'))).toBe('2026-03-29T22:00');
    expect(iso(endOfCivilDay(BERLIN_OFFICE, '2026-10-25'))).toBe('2026-10-25T23:00');
    expect(iso(endOfCivilDay(BERLIN_OFFICE, '2026-12-31'))).toBe('2026-12-31T23:00');
  });

  it('begin after the gap where midnight itself is skipped', () => {
    const day = parseCivilDay('2018-11-04') ?? 0;
    expect(iso(startOfCivilDay(SAO_PAULO, day))).toBe('2018-11-04T03:00');
    expect(localTime(SAO_PAULO, startOfCivilDay(SAO_PAULO, day))).toEqual({ day, minute: 60 });
  });

  it('end after the second pass where the last hour comes twice', () => {
    expect(iso(endOfCivilDay(SAO_PAULO, '2018-02-17'))).toBe('2018-02-18T03:00');
  });

  it('are read and written the same, and days that do not exist are none', () => {
    expect(formatCivilDay(parseCivilDay('2028-02-29') ?? 0)).toBe('2028-02-29');
    for (const text of ['2026-02-30', '2026-13-01', '2026-1-1', '2026-01-01T00:00', 'soon', '']) {
      expect(parseCivilDay(text), text).toBeUndefined();
    }
    expect(() => endOfCivilDay(BERLIN_OFFICE, '2026-02-30')).toThrow(RangeError);
  });

  it('show whole minutes since local midnight', () => {
    expect(localTime(BERLIN_OFFICE, utc('2026-11-24T08:30') + 59_999)).toEqual({
      day: parseCivilDay('2026-11-24'),
      minute: 570,
    });
  });
});
