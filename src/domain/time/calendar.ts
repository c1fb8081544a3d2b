/**
 * A calendar compiled to plain numbers outside the workflow, so that arithmetic on it needs no `Intl` and gives the
 * same answer in a replay on another machine with other time-zone data.
 *
 * Times of day are minutes since local midnight; civil days are counted from 1970-01-01; instants are epoch ms.
 */
export interface Calendar {
  readonly name: string;
  /** IANA zone, for people to read; the arithmetic uses `offsets` alone. */
  readonly zone: string;
  /** Offset changes, oldest first; the first one also holds for every instant before it. Minutes east of UTC. */
  readonly offsets: readonly OffsetChange[];
  /** Opening spans by weekday, Monday first, each list sorted and without overlap. */
  readonly week: readonly (readonly Span[])[];
  /** Civil days that are closed whatever the week says, sorted. */
  readonly closed: readonly number[];
}

export interface OffsetChange {
  readonly from: number;
  readonly minutes: number;
}

/** `[opens, closes)` in minutes since local midnight; `1440` is the end of the day. */
export type Span = readonly [number, number];
