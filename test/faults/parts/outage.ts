/** Real epoch ms. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** From when something was broken until what it held up was worked off. */
export interface Outage extends Span {
  /**
   * `acts`: timers, workers or the store, so that nothing that fell due could leave. `hears`: a server, which timers do not
   * need: only what waited for an event that the server had taken in may be late.
   */
  readonly stops: 'acts' | 'hears';
}

/** Until when that leaves which is due then: an outage that begins before puts it off until it is over. */
export function mayLeaveUntil(due: number, outages: readonly Span[], withinMs: number): number {
  let until = due + withinMs;
  for (const { from, to } of outages.toSorted((a, b) => a.from - b.from))
    if (from <= until && to >= due) until = Math.max(until, to + withinMs);
  return until;
}
