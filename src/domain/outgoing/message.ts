import type { Mode } from '../policy/policy-file.js';

/** Something Slipway tells the systems that subscribe to it. */
export interface OutgoingMessage {
  /** Test mode has subscribers of its own. */
  readonly mode: Mode;
  readonly type: string;
  /** The same for the same happening, whenever and however often it is worked out: no subscriber is told twice. */
  readonly id: string;
  /** The onboarding it is of, or the customer: what concerns one of them is told in the order in which it happened. */
  readonly of: string;
  /** The envelope as JSON text: `id, type, timestamp, org, livemode, data`. */
  readonly payload: string;
}
