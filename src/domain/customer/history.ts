import type { CustomerFlagName } from './standing.js';

/** What the facts of a customer add up to, plain JSON, and the base that later facts go on from. */
export interface CustomerHistory {
  /** The latest instant folded in; an older fact is late. */
  readonly upTo: number;
  readonly name: string | null;
  readonly org: string | null;
  readonly owner: string | null;
  readonly healthScore: number | null;
  readonly primaryContact: string | null;
  readonly flags: Readonly<Record<CustomerFlagName, FlagTrail>>;
}

/** What was said of one flag. Whether it counts as set depends on denials as well, see `flagsOf`. */
export interface FlagTrail {
  /** What records say of it: one that repeats `true` sets nothing again. */
  readonly said: boolean;
  /** Every telling that set it since it was last off, oldest first: the first one and the latest. */
  readonly sets: readonly { readonly at: number; readonly reason: string }[];
  /** Of a health drop: the highest score before one. */
  readonly scoreBefore?: number;
}
