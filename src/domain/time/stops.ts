/** A span in which a clock stands still; `to` null = still standing. `[from, to)`, epoch ms. */
export interface Stop {
  readonly from: number;
  readonly to: number | null;
}

/** Sorted, without overlap, empty ones left out. */
export function mergeStops(stops: readonly Stop[]): readonly Stop[] {
  const merged: Stop[] = [];
  for (const stop of [...stops].sort((a, b) => a.from - b.from)) {
    if (stop.to !== null && stop.to <= stop.from) continue;
    const last = merged.at(-1);
    if (!last || (last.to !== null && last.to < stop.from)) merged.push(stop);
    else if (last.to !== null && (stop.to === null || stop.to > last.to))
      merged[merged.length - 1] = { from: last.from, to: stop.to };
  }
  return merged;
}

/** The instant itself, or the end of the stop it falls into; null where that stop has no end yet. */
export function afterStops(stops: readonly Stop[], at: number): number | null {
  for (const stop of stops) {
    if (at < stop.from) return at;
    if (stop.to === null) return null;
    if (at < stop.to) return stop.to;
  }
  return at;
}

export function isStopped(stops: readonly Stop[], at: number): boolean {
  return stops.some((stop) => stop.from <= at && (stop.to === null || at < stop.to));
}

/** The latest resume at or before `at`; null where the clock never stood still. */
export function lastResume(stops: readonly Stop[], at: number): number | null {
  let resume: number | null = null;
  for (const stop of stops) if (stop.to !== null && stop.to <= at) resume = stop.to;
  return resume;
}

/** Milliseconds of `[from, to)` that lie outside the stops. */
export function runningMs(stops: readonly Stop[], from: number, to: number): number {
  let stopped = 0;
  for (const stop of stops) stopped += Math.max(0, Math.min(to, stop.to ?? to) - Math.max(from, stop.from));
  return Math.max(0, to - from - stopped);
}
