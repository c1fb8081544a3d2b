/**
 * One event as its workflow keeps it: who said it, when it happened, what changed and what the record looked like.
 * Small and plain JSON, strings cut at 1 kB; the whole event stays in the archive.
 */
export interface Fact {
  /** The event's id, the same on every retry and replay. */
  readonly id: string;
  readonly source: string;
  /** The sender's type, known or not. */
  readonly type: string;
  readonly kind: FactKind;
  /** When it happened, virtual epoch ms; never later than `heardAt`. */
  readonly at: number;
  /** When it was first received, virtual epoch ms. */
  readonly heardAt: number;
  /** The sender's instant where it lay after the receipt and `at` was set to the receipt. */
  readonly saidAt?: number;
  /** Fields of the record at that instant; an absent field says nothing, `null` clears. */
  readonly record: RecordFields;
  /** Values before the event, where the event gives them. */
  readonly previous: Pick<RecordFields, 'phase' | 'state' | 'target' | 'owner'>;
  readonly task?: { readonly id: string; readonly title: string; readonly by?: string };
}

export type FactKind =
  | 'created'
  | 'moved'
  | 'state'
  | 'at_risk'
  | 'back_on_track'
  | 'launched'
  | 'completed'
  | 'task'
  /** A record was seen, nothing more is claimed: `onboarding.updated` and unknown types. */
  | 'record';

export interface RecordFields {
  readonly name?: string | null;
  readonly customerId?: string | null;
  readonly org?: string | null;
  readonly displayId?: string | null;
  readonly phase?: string | null;
  /** The sender's own word; the policy says what it means. */
  readonly state?: string | null;
  readonly waitingOnCustomer?: boolean | null;
  /** Civil date `YYYY-MM-DD`. */
  readonly target?: string | null;
  /** Lower-case e-mail, or the sender's user id. */
  readonly owner?: string | null;
  readonly csm?: string | null;
  readonly se?: string | null;
  readonly designer?: string | null;
  readonly productOps?: string | null;
  readonly launchedAt?: number | null;
  readonly completedAt?: number | null;
}

/** One event of a customer or contact, as the customer's workflow keeps it. */
export interface CustomerFact {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly kind: CustomerFactKind;
  readonly at: number;
  readonly heardAt: number;
  readonly saidAt?: number;
  readonly record: CustomerFields;
  readonly previous: Pick<CustomerFields, 'healthScore'>;
}

export type CustomerFactKind = 'record' | 'archived' | 'health_dropped' | 'at_risk' | 'churned' | 'contact';

export interface CustomerFields {
  readonly name?: string | null;
  readonly org?: string | null;
  readonly owner?: string | null;
  readonly status?: string | null;
  readonly atRisk?: boolean | null;
  readonly churned?: boolean | null;
  readonly healthScore?: number | null;
  readonly contact?: { readonly id: string; readonly primary: boolean };
}
