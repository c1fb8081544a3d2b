/** How far a ladder goes where nobody acts. */
export interface Ladder {
  readonly levels: number;
  /** How often the last level is repeated. */
  readonly repeats: number;
}
