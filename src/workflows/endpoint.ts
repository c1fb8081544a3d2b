import {
  allHandlersFinished,
  condition,
  continueAsNew,
  log,
  proxyActivities,
  setCurrentDetails,
  setDefaultSignalHandler,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { DELIVERY_TASK_QUEUE, type DeliverReport, type DeliveryActivities } from '../contracts/delivery.js';
import { type EndpointInput, wakeSignal } from '../contracts/endpoint.js';
import { summaryLine } from '../contracts/summary.js';
import type { Wake } from '../domain/decision.js';
import { endpointDetails, hostOf, instant } from './endpoint-details.js';
import { LazyTimer } from './timer.js';

/**
 * Tried again for as long as it takes: what is to be delivered is in the store, and a worker that died is found out by its
 * heartbeat. A call on the wire is waited for, so that no other turn begins beside it.
 */
const { deliverDue } = proxyActivities<DeliveryActivities>({
  taskQueue: DELIVERY_TASK_QUEUE,
  startToCloseTimeout: '3 min',
  heartbeatTimeout: '10 s',
  retry: { initialInterval: '1 s', maximumInterval: '10 s' },
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
});

const MAX_HISTORY = 1_000;

/**
 * The clock of one endpoint's queue: has delivered what is due, then waits for the next try or for a wake, until the
 * endpoint is deleted. It holds no message; the store does, so a run that knows nothing has only to look.
 */
export async function endpoint(input: EndpointInput): Promise<void> {
  const run = new EndpointRun(input);
  // Before the first await: the wake that came with the start is handed over here.
  setHandler(wakeSignal, () => run.wake(), { description: 'Something is due, or the endpoint was changed: look' });
  setDefaultSignalHandler((name) => log.warn('A signal of an unknown name came in and was left alone', { name }));
  for (;;) {
    if (await run.deliver()) return;
    await condition(() => run.isDue);
    await condition(allHandlersFinished);
    // Only where a look is due: the next run begins with one, so a wake that came too late for this run is not lost.
    if (run.isFull) return await continueAsNew<typeof endpoint>(run.next());
  }
}

/** One run: what the last look found, and whether to look again. */
class EndpointRun {
  #isDue = true;
  #nextAt: number | null = null;
  #last: DeliverReport | undefined;
  readonly #timer: LazyTimer;

  constructor(private readonly input: EndpointInput) {
    this.#last = input.last;
    this.#timer = new LazyTimer(input.clock, (at) => this.#reached(at));
    this.#show();
  }

  get isDue(): boolean {
    return this.#isDue;
  }

  get isFull(): boolean {
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    return continueAsNewSuggested || historyLength > (this.input.maxHistory ?? MAX_HISTORY);
  }

  wake(): void {
    this.#isDue = true;
  }

  /** One look at the queue; true where the endpoint is gone. A wake that comes meanwhile has it look once more. */
  async deliver(): Promise<boolean> {
    this.#isDue = false;
    this.#nextAt = null;
    const summary = summaryLine(`Deliver what is due to ${this.#last ? hostOf(this.#last.url) : this.input.title}`);
    const report = await deliverDue.executeWithOptions({ summary }, [
      { endpoint: this.input.endpoint, clock: this.input.clock },
    ]);
    this.#last = withFailure(report, this.#last);
    this.#show();
    if (!report.gone) this.#waitFor(report);
    return report.gone;
  }

  next(): EndpointInput {
    return { ...this.input, ...(this.#last ? { last: this.#last } : {}) };
  }

  /** By what the report says of itself, never by the clock here: see `DeliverReport.at`. */
  #waitFor({ nextAt, at }: DeliverReport): void {
    if (nextAt !== null && nextAt <= at) {
      this.#isDue = true;
      return;
    }
    this.#nextAt = nextAt;
    this.#timer.set(nextAt === null ? null : nextTry(nextAt));
  }

  /** One that fires during a look changes nothing: the report will know better. */
  #reached(at: number): void {
    if (this.#nextAt === null) return;
    if (this.#nextAt <= at) this.#isDue = true;
    else this.#timer.set(nextTry(this.#nextAt));
  }

  #show(): void {
    setCurrentDetails(endpointDetails(this.input.title, this.#last));
  }
}

const nextTry = (at: number): Wake => ({ at, cause: 'next try', label: `Next try due ${instant(at)}` });

/** A look that made no attempt knows of no failure; the one before does. */
function withFailure(report: DeliverReport, before: DeliverReport | undefined): DeliverReport {
  if (report.attempts > 0 || report.lastFailure !== null) return report;
  return { ...report, lastFailure: before?.lastFailure ?? null };
}
