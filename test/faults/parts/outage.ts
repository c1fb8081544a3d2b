/** Real epoch ms. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Until when that leaves which is due then: an outage that begins before puts it off until it is over. */
export function mayLeaveUntil(due: number, outages: readonly Span[], withinMs: number): number {
  let until = due + withinMs;
  for (const { from, to } of outages.toSorted((a, b) => a.from - b.from))
    if (from <= until && to >= due) until = Math.max(until, to + withinMs);
  return until;
}
