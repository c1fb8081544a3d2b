import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SILENT } from '../../src/contracts/observer.js';
import { ShedLines } from '../../src/ingress/shed-lines.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('tells a second of refused events in one line for each source', () => {
  const told: unknown[] = [];
  const message = 'events were not stored';
  const lines = new ShedLines({ ...SILENT, log: (...line) => void told.push(line) }, message);

  for (let n = 0; n < 4_000; n++) lines.tell('pivotal');
  lines.tell('sandbox');
  vi.advanceTimersByTime(1_000);
  lines.tell('pivotal');
  vi.advanceTimersByTime(5_000);

  expect(told).toEqual([
    ['error', message, { source: 'pivotal', events: 4_000 }],
    ['error', message, { source: 'sandbox', events: 1 }],
    ['error', message, { source: 'pivotal', events: 1 }],
  ]);
});
