import { Dice } from '../../src/simulator/dice.js';

/** Every fault that the harness can cause, with the row of the fault list that it belongs to and how often it is drawn. */
export const FAULTS = {
  server_killed: { row: 'C1', weight: 5, lastsMs: [0, 1_500] },
  worker_killed_before_call: { row: 'C2', weight: 3, lastsMs: [0, 0] },
  worker_killed_after_call: { row: 'C2', weight: 3, lastsMs: [0, 0] },
  worker_killed_in_heartbeat: { row: 'C2', weight: 2, lastsMs: [1_500, 2_500] },
  worker_killed_in_task: { row: 'C3', weight: 5, lastsMs: [0, 1_000] },
  worker_stalled: { row: 'C3', weight: 1, lastsMs: [6_000, 14_000] },
  workers_away: { row: 'C4', weight: 2, lastsMs: [4_000, 15_000] },
  all_killed: { row: 'C1+C3', weight: 2, lastsMs: [0, 2_000] },
  temporal_refuses: { row: 'C5', weight: 2, lastsMs: [1_000, 10_000] },
  temporal_hangs: { row: 'C5', weight: 2, lastsMs: [1_000, 15_000] },
  temporal_resets: { row: 'C5', weight: 2, lastsMs: [1_000, 10_000] },
  temporal_half_open: { row: 'C5', weight: 1, lastsMs: [1_000, 5_000] },
  temporal_slow: { row: 'C5', weight: 1, lastsMs: [3_000, 10_000] },
  temporal_exhausted: { row: 'C5', weight: 2, lastsMs: [1_000, 10_000] },
  temporal_unavailable: { row: 'C5', weight: 1, lastsMs: [1_000, 10_000] },
  temporal_killed: { row: 'C6', weight: 2, lastsMs: [0, 3_000] },
  temporal_replies_lost: { row: 'C7', weight: 3, lastsMs: [2_000, 6_000] },
  store_replies_lost: { row: 'C7', weight: 3, lastsMs: [2_000, 6_000] },
  server_rolled: { row: 'C8', weight: 4, lastsMs: [0, 0] },
  worker_rolled: { row: 'C8', weight: 3, lastsMs: [0, 0] },
  store_stops: { row: 'C9', weight: 2, lastsMs: [0, 4_000] },
  store_refuses: { row: 'C9', weight: 1, lastsMs: [1_000, 6_000] },
  store_hangs: { row: 'C9', weight: 1, lastsMs: [1_000, 8_000] },
  store_resets: { row: 'C9', weight: 1, lastsMs: [1_000, 5_000] },
  store_half_open: { row: 'C9', weight: 1, lastsMs: [1_000, 5_000] },
  store_slow: { row: 'C9', weight: 1, lastsMs: [3_000, 8_000] },
  store_read_only: { row: 'C9', weight: 1, lastsMs: [1_000, 5_000] },
  store_full: { row: 'C9', weight: 3, lastsMs: [2_000, 6_000] },
  receiver_limits: { row: 'C10', weight: 1, lastsMs: [1_000, 3_000] },
  receiver_fails: { row: 'C10', weight: 1, lastsMs: [1_000, 3_000] },
  receiver_hangs: { row: 'C10', weight: 1, lastsMs: [2_000, 4_000] },
  receiver_drops: { row: 'C10', weight: 1, lastsMs: [1_000, 3_000] },
  receiver_loses_replies: { row: 'C10', weight: 2, lastsMs: [1_000, 4_000] },
  output_closed: { row: 'C11', weight: 1, lastsMs: [1_000, 2_000] },
} as const satisfies Readonly<Record<string, FaultKind>>;

interface FaultKind {
  readonly row: string;
  readonly weight: number;
  /** Real, from and to. */
  readonly lastsMs: readonly [number, number];
}

export type FaultName = keyof typeof FAULTS;
export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[];

/** One fault of a schedule. */
export interface Strike {
  readonly fault: FaultName;
  /** Real ms after the strike before it has ended, and this one begins. */
  readonly afterMs: number;
  readonly lastsMs: number;
  /** In [0, 1): which of several processes. */
  readonly lot: number;
  /** Strikes while this one lasts. */
  readonly within?: Strike;
}

const GAP_MS = [300, 3_000] as const;
/** Share of faults in which a second process dies. */
const DOUBLE_FAULTS = 0.2;
const DEATHS: readonly FaultName[] = ['server_killed', 'worker_killed_in_task', 'all_killed'];

/**
 * The faults of one cycle. The same seed and cycle give the same schedule, whatever happened in the cycles before, so
 * that one cycle of an hour can be played alone. `only` narrows the choice.
 */
export function planCycle(
  seed: number,
  cycle: number,
  count: number,
  only: readonly FaultName[] = FAULT_NAMES,
): Strike[] {
  const dice = new Dice(seed, 'faults', cycle);
  return Array.from({ length: count }, () => {
    const strike = draw(dice, only);
    if (strike.lastsMs < 1_000 || !dice.chance(DOUBLE_FAULTS)) return strike;
    const second = draw(dice, DEATHS);
    return { ...strike, within: { ...second, afterMs: dice.between(0, strike.lastsMs) } };
  });
}

function draw(dice: Dice, among: readonly FaultName[]): Strike {
  const urn = among.flatMap((name) => Array.from({ length: FAULTS[name].weight }, () => name));
  const fault = dice.pick(urn);
  const [least, most] = FAULTS[fault].lastsMs;
  return { fault, afterMs: dice.between(...GAP_MS), lastsMs: dice.between(least, most), lot: dice.next() };
}

/** `server_killed 1.2s + worker_killed_in_task`, for logs and for whoever repeats it. */
export function sayStrike({ fault, lastsMs, within }: Strike): string {
  const lasting = lastsMs === 0 ? '' : ` ${(lastsMs / 1_000).toFixed(1)}s`;
  return `${fault}${lasting}${within ? ` + ${sayStrike(within)}` : ''}`;
}
