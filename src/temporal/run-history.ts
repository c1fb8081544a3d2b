import type { Client } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import type { temporal } from '@temporalio/proto';
import type { OnboardingInput } from '../contracts/messages.js';
import { standingSignal } from '../contracts/messages.js';
import type { RunHistory } from '../contracts/rebuild.js';
import type { CustomerStanding } from '../domain/customer/standing.js';
import type { Action } from '../domain/escalation/action.js';
import type { Told } from '../domain/remake.js';
import { type Clock, toVirtual } from '../domain/time/clock.js';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** What people and the customer's workflow told a run, read from its history: a run that is stuck has no other memory. */
export async function readHistory(
  client: Client,
  clock: Clock,
  workflowId: string,
  events: readonly HistoryEvent[],
): Promise<Pick<RunHistory, 'told' | 'answered' | 'log'>> {
  const told: Told[] = [];
  const answered: string[] = [];
  const log: RunHistory['log'][number][] = [];
  const context = { type: 'workflow', namespace: client.options.namespace, workflowId } as const;
  const open = async (payloads: Payloads) =>
    (await decodeArrayFromPayloads(client.options.loadedDataConverter, payloads?.payloads ?? [], context))[0];
  for (const event of events) {
    const at = toVirtual(clock, millis(event));
    const { workflowExecutionStartedEventAttributes: started } = event;
    const { workflowExecutionSignaledEventAttributes: signalled } = event;
    const { workflowExecutionUpdateAcceptedEventAttributes: accepted } = event;
    if (started) {
      const input = (await open(started.input)) as OnboardingInput;
      log.push(...(input.state?.log ?? []));
      answered.push(...(input.answered ?? []));
    } else if (signalled?.signalName === standingSignal.name) {
      told.push({ at, standing: (await open(signalled.input)) as CustomerStanding });
    } else if (accepted) {
      const { meta, input } = accepted.acceptedRequest ?? {};
      if (meta?.updateId) answered.push(meta.updateId);
      told.push({ at, action: (await open(input?.args)) as Action });
    }
  }
  return { told, answered, log };
}

type Payloads = temporal.api.common.v1.IPayloads | null | undefined;

function millis({ eventTime }: HistoryEvent): number {
  return Number(eventTime?.seconds ?? 0) * 1_000 + Math.floor((eventTime?.nanos ?? 0) / 1_000_000);
}
