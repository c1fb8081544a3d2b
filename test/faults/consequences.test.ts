import { describe, expect, it } from 'vitest';
import { cutsCalls, outagesOf } from './consequences.js';
import type { FaultName, Strike } from './plan.js';

const strike = (fault: FaultName, within?: FaultName): Strike => ({
  fault,
  afterMs: 0,
  lastsMs: 1_000,
  lot: 0,
  ...(within ? { within: strike(within) } : {}),
});

describe('what a fault excuses', () => {
  it('is no delay at all where only the receiver was in trouble', () => {
    expect(outagesOf(strike('receiver_hangs'), 10, 20)).toEqual([]);
  });

  it('is the wait for an event where a server was gone, and every wait where who acts was', () => {
    expect(outagesOf(strike('server_rolled'), 10, 20)).toMatchObject([{ from: 10, to: 40_020, stops: 'hears' }]);
    expect(outagesOf(strike('temporal_killed'), 10, 20)).toMatchObject([{ from: 10, to: 15_020, stops: 'acts' }]);
    expect(outagesOf(strike('receiver_fails', 'all_killed'), 10, 20)).toMatchObject([{ stops: 'acts' }]);
  });

  it('is a repeat only where a worker ended or stood still in mid-call', () => {
    const cutting = ['worker_killed_in_task', 'worker_stalled', 'all_killed'] as const;
    expect(cutting.every((fault) => cutsCalls(strike(fault)))).toBe(true);
    const sparing = ['worker_rolled', 'server_killed', 'store_stops', 'temporal_killed', 'receiver_fails'] as const;
    expect(sparing.some((fault) => cutsCalls(strike(fault)))).toBe(false);
    expect(cutsCalls(strike('store_hangs', 'worker_killed_in_task'))).toBe(true);
  });
});
