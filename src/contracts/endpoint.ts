import { defineSignal } from '@temporalio/workflow';
import type { Clock } from '../domain/time/clock.js';
import { escapePart } from '../domain/escalation/escalation-id.js';
import type { DeliverReport } from './delivery.js';
import type { EndpointKey } from './webhooks.js';

/** Something is due, or the endpoint was changed: look at the queue. */
export const wakeSignal = defineSignal('wake');

/** Input of the `endpoint` workflow, the clock of one endpoint's queue. */
export interface EndpointInput {
  readonly endpoint: EndpointKey;
  readonly clock: Clock;
  /** What is to be shown before the first look. */
  readonly title: string;
  /** What the run before knew, to be shown until the first look of this one is over. */
  readonly last?: DeliverReport;
  /** History events after which a run continues as new; tests force it. */
  readonly maxHistory?: number;
}

export const endpointWorkflowId = ({ application, id }: EndpointKey): string =>
  `endpoint/${escapePart(application)}/${escapePart(id)}`;

/** How an endpoint's workflow is reached. */
export interface EndpointGateway {
  /** Starts it where there is none. Throws `GatewayError`: whether it was woken is not known, trying again is safe. */
  wake(endpoint: EndpointKey, title: string): Promise<void>;
}
