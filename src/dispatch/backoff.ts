const FIRST_MS = 250;
const LONGEST_MS = 10_000;

/**
 * How long one workflow's events wait after their `failures`-th failed signal in a row: doubling from a quarter of a
 * second to ten seconds, of which the second half is drawn by lot, so that workflows that failed together do not come
 * back together. `lot` lies in [0, 1).
 */
export function backoffMs(failures: number, lot: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return full / 2 + (full / 2) * lot;
}
