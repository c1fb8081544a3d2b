import type { CustomerFact, CustomerFields } from '../event/fact.js';
import type { EntityKey } from '../event/key.js';
import type { Clock } from '../time/clock.js';
import type { CustomerFlagName, CustomerStanding, HandedOver } from './standing.js';

/** All that one customer's workflow knows, plain JSON. */
export interface CustomerState {
  readonly v: 1;
  readonly key: EntityKey;
  readonly clock: Clock;
  readonly facts: readonly CustomerFact[];
  readonly base: CustomerFields | null;
  readonly seen: readonly (readonly [hash: string, day: number])[];
  readonly counts: { readonly applied: number; readonly duplicates: number };
  /** Open onboardings, by (created or first seen, id). */
  readonly open: readonly { readonly id: string; readonly createdAt: number }[];
  readonly carriers: Readonly<Partial<Record<CustomerFlagName, string>>>;
  /** Flags that a person denied, or that ended on a revival, with the instant. */
  readonly denied: Readonly<Partial<Record<CustomerFlagName, number>>>;
  readonly handedOver: readonly HandedOver[];
  /** The standing last told, and to whom. */
  readonly told: CustomerStanding | null;
  readonly version: number;
}
