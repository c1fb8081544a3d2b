import type { Dialect, EventType, JsonRecord } from './event.js';

/** Something that happens at the sender and of which it tells. */
export interface Step {
  /** The event's id: the same on every repeat. */
  readonly id: string;
  /** Story time, epoch ms, unless somebody who was chased brings it forward. */
  readonly at: number;
  /** The onboarding whose life it belongs to; null for what concerns many, such as a nightly sync. */
  readonly life: string | null;
  /** Nobody at the vendor can bring it forward: a customer comes back when it comes back. */
  readonly fixed: boolean;
  readonly type: EventType;
  /** Id of the record. */
  readonly subject: string;
  readonly change: JsonRecord;
  /** Fields that hold the instant at which it happened. */
  readonly stamps?: readonly string[];
  readonly dialect: Dialect;
  /** How long the first delivery is under way: a late one arrives behind what came after. */
  readonly delayMs: number;
  /** Further deliveries of the same event, story ms after the first. */
  readonly repeats: readonly number[];
}

/** A delivery that nobody but the sender could have signed, and the sender did not. */
export interface Forgery {
  readonly at: number;
  readonly kind: ForgeryKind;
  /** The onboarding it tells lies about. */
  readonly life: string;
}

export const FORGERIES = ['wrong_secret', 'stale_timestamp', 'flipped_byte', 'no_signature'] as const;
export type ForgeryKind = (typeof FORGERIES)[number];
