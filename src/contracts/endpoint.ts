import { defineSignal } from '@temporalio/workflow';
import type { Clock } from '../domain/time/clock.js';
import { escapePart } from '../domain/escalation/escalation-id.js';
import type { EndpointKey } from './webhooks.js';

/** Something is due, or the endpoint was changed: look at the queue. */
export const wakeSignal = defineSignal('wake');

/** Input of the `endpoint` workflow, the clock of one endpoint's queue. */
export interface EndpointInput {
  readonly endpoint: EndpointKey;
  readonly clock: Clock;
  /** What is to be shown before the first look. */
  readonly title: string;
  /** History events after which a run continues as new; tests force it. */
  readonly maxHistory?: number;
}

export const endpointWorkflowId = ({ application, id }: EndpointKey): string =>
  `endpoint/${escapePart(application)}/${escapePart(id)}`;
