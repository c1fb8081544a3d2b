import type { CustomerFact } from '../event/fact.js';
import type { EntityKey } from '../event/key.js';
import type { Clock } from '../time/clock.js';
import type { CustomerHistory } from './history.js';
import type { CustomerFlagName, HandedOver } from './standing.js';

/** All that one customer's workflow knows, plain JSON. */
export interface CustomerState {
  readonly v: 1;
  readonly key: EntityKey;
  readonly clock: Clock;
  readonly facts: readonly CustomerFact[];
  /** Facts that were compacted: everything up to `base.upTo`. */
  readonly base: CustomerHistory | null;
  readonly seen: readonly (readonly [hash: string, day: number])[];
  readonly counts: { readonly applied: number; readonly duplicates: number };
  /** Open onboardings, by (created or first seen, id). */
  readonly open: readonly { readonly id: string; readonly createdAt: number }[];
  /** Since when none is open, after one was; null before the first. */
  readonly emptySince: number | null;
  readonly carriers: Readonly<Partial<Record<CustomerFlagName, string>>>;
  /** Flags that a person denied, or that ended on a revival, with the instant. */
  readonly denied: Readonly<Partial<Record<CustomerFlagName, number>>>;
  readonly handedOver: readonly HandedOver[];
  /** Digest of the standing last told to each open onboarding. */
  readonly told: readonly (readonly [onboarding: string, digest: string])[];
  readonly version: number;
}
