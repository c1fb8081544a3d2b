import { describe, expect, it } from 'vitest';
import { parseRetryAfter } from '../../src/outbound/retry-after.js';

const NOW = Date.UTC(2026, 10, 24, 9, 0, 0);

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['120', 120_000],
    [' 7 ', 7000],
    ['Tue, 24 Nov 2026 09:00:30 GMT', 30_000],
    ['Tue, 24 Nov 2026 08:00:00 GMT', 0],
    ['99999999', 3_600_000],
    ['Thu, 24 Nov 2033 09:00:00 GMT', 3_600_000],
  ])('%s is a wait', (header, waitMs) => {
    expect(parseRetryAfter(header, NOW)).toBe(waitMs);
  });

  it.each([undefined, '', '-1', '1.5', 'soon', 'Tue, never'])('%s says nothing', (header) => {
    expect(parseRetryAfter(header, NOW)).toBeUndefined();
  });
});
