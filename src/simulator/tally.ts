/** What was sent and how it was answered. */
export interface Tally {
  events: number;
  /** Deliveries answered 2xx, repeats included. */
  acknowledged: number;
  duplicates: number;
  late: number;
  retries: number;
  forged: number;
  turnedAway: number;
  /** One sentence for each delivery that was not answered as it should have been. */
  readonly failures: string[];
}

export const emptyTally = (): Tally => ({
  events: 0,
  acknowledged: 0,
  duplicates: 0,
  late: 0,
  retries: 0,
  forged: 0,
  turnedAway: 0,
  failures: [],
});
