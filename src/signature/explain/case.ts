import type { Claim } from './claim.js';
import type { Headers } from './headers.js';

/** Against what a captured delivery is held. */
export interface Suspects {
  /** The setting with the secrets that the endpoint trusts, as it is written, malformed or not. */
  readonly active: string;
  /** Secrets of other endpoints, such as the test one's: signed with one of these, the request went to the wrong place. */
  readonly others?: string;
  /** When it was received, real epoch ms. */
  readonly now: number;
  readonly toleranceMs: number;
}

/** A delivery with all three headers, and what it is held against. */
export interface Case {
  readonly claim: Claim;
  readonly headers: Headers;
  /** The secrets of the endpoint as they are written, each alone. */
  readonly tokens: readonly string[];
  readonly suspects: Suspects;
}
