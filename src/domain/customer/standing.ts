/** What a customer's workflow tells each of its open onboardings. */
export interface CustomerStanding {
  /** Whose it is; absent in what was told before it was said. */
  readonly customer?: string;
  /** Rises with every change, so that signals that cross are applied in the right order. */
  readonly version: number;
  readonly name?: string;
  /** Flags that are set now. */
  readonly flags: readonly CustomerFlag[];
  /** The onboarding that carries the customer's escalations, by flag. */
  readonly carriers: Readonly<Partial<Record<CustomerFlagName, string>>>;
  /** The customer's other open onboardings, to be named in a message. */
  readonly others: readonly string[];
  /** An escalation handed over by a carrier that closed. */
  readonly handedOver: readonly HandedOver[];
}

export type CustomerFlagName = 'at_risk' | 'health_dropped' | 'churned' | 'archived';

export interface CustomerFlag {
  readonly name: CustomerFlagName;
  readonly since: number;
  readonly reason: string;
}

/** An escalation on its way from a closed carrier to the next, whole. */
export interface HandedOver {
  readonly to: string;
  readonly escalation: import('../escalation/escalation.js').Escalation;
}
