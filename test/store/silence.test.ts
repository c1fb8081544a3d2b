import { describe, expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../src/domain/time/duration.js';
import { senderRetryMs, silences } from '../../src/store/silence.js';

const at = (minutes: number) => minutes * MINUTE_MS;
const span = (from: number, last: number) => ({ from: at(from), last: at(last) });

describe('silences of the edge', () => {
  it.each([
    ['a first start', [span(100, 100)], 100, []],
    ['nothing was ever heard', [], 100, []],
    ['a restart within ten minutes', [span(0, 60), span(70, 90)], 90, []],
    ['a restart after more', [span(0, 60), span(71, 90)], 90, [{ from: at(60), to: at(71) }]],
    ['one that lasts', [span(0, 60)], 71, [{ from: at(60), to: null }]],
    ['one of ten minutes that lasts', [span(0, 60)], 70, []],
    ['another server that heard meanwhile', [span(0, 60), span(0, 200), span(150, 160)], 200, []],
    [
      'two servers that end and begin apart',
      [span(0, 60), span(10, 80), span(100, 120)],
      120,
      [{ from: at(80), to: at(100) }],
    ],
    [
      'several, in any order of the spans',
      [span(200, 210), span(0, 60), span(100, 110)],
      300,
      [
        { from: at(60), to: at(100) },
        { from: at(110), to: at(200) },
        { from: at(210), to: null },
      ],
    ],
  ])('%s', (_, spans, now, found) => {
    expect(silences(spans, at(now))).toEqual(found);
  });

  it.each([
    [5, 30],
    [5.1, 120],
    [35, 120],
    [36, 300],
    [155, 300],
    [156, 600],
    [10_000, 600],
  ])('of %d minutes end with a try within %d', (silence, retry) => {
    expect(senderRetryMs(at(silence))).toBe(at(retry));
  });

  it('never lets the sender wait longer than ten hours', () => {
    expect(senderRetryMs(30 * 24 * HOUR_MS)).toBe(10 * HOUR_MS);
  });
});
