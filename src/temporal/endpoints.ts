import type { Client } from '@temporalio/client';
import { type EndpointGateway, type EndpointInput, endpointWorkflowId, wakeSignal } from '../contracts/endpoint.js';
import { summaryLine } from '../contracts/summary.js';
import type { Clock } from '../domain/time/clock.js';
import { bounded } from './bounded.js';

/** Real. A wake that was not taken in time is sent again. */
const SIGNAL_DEADLINE_MS = 8_000;

export interface EndpointGatewayDeps {
  readonly client: Client;
  /** Of the workflow; its deliveries have a queue of their own. */
  readonly taskQueue: string;
  readonly clock: Clock;
  /** History events after which the workflow continues as new, where it is not the workflow's own default. */
  readonly maxHistory?: number;
}

type EndpointWorkflow = (input: EndpointInput) => Promise<void>;

/**
 * Wakes `endpoint` workflows. Unlike an onboarding, one that has ended is begun again: where its endpoint is gone it finds
 * that out at its first look and ends, and where somebody ended it by hand the endpoint must not stand still for good.
 */
export function createEndpointGateway({ client, taskQueue, clock, maxHistory }: EndpointGatewayDeps): EndpointGateway {
  return {
    async wake(endpoint, title) {
      await bounded(client, SIGNAL_DEADLINE_MS, () =>
        client.workflow.signalWithStart<EndpointWorkflow>('endpoint', {
          workflowId: endpointWorkflowId(endpoint),
          taskQueue,
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          workflowIdConflictPolicy: 'USE_EXISTING',
          staticSummary: summaryLine(title),
          memo: { title },
          args: [{ endpoint, clock, title, ...(maxHistory ? { maxHistory } : {}) }],
          signal: wakeSignal.name,
          signalArgs: [],
        }),
      );
    },
  };
}
