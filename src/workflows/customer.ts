import {
  allHandlersFinished,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  patched,
  setCurrentDetails,
  setDefaultSignalHandler,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { workflowId } from '../contracts/ids.js';
import {
  type CustomerInput,
  customerEventsSignal,
  customerStateQuery,
  denySignal,
  linkSignal,
  revivedSignal,
  standingSignal,
  unlinkSignal,
} from '../contracts/messages.js';
import {
  deny,
  link,
  receiveCustomer,
  revived,
  startCustomer,
  tell,
  toldNothing,
  unlink,
  wasTold,
} from '../domain/customer/life.js';
import type { CustomerStanding } from '../domain/customer/standing.js';
import type { CustomerState } from '../domain/customer/state.js';
import type { CustomerFact } from '../domain/event/fact.js';
import { toVirtual } from '../domain/time/clock.js';
import { measureApplyLag } from './measures.js';
import { customerDetails } from './customer-details.js';
import { isCustomerFact } from './readable.js';

const MAX_HISTORY = 1_000;
/** A run that came to this before it does not tell such an onboarding anew. */
const TOLD_ANEW = '2026-11-customer-told-anew';

/** One customer: its flags, and which of its open onboardings is to be told what. It outlives them all. */
export async function customer(input: CustomerInput): Promise<void> {
  const run = new CustomerRun(input);
  // Before the first await: signals that came with the start, or between two runs, are handed over here.
  listen(run);
  for (;;) {
    await condition(() => run.isDue || (run.isFull && allHandlersFinished()));
    await run.turn();
    if (!run.isDue && run.isFull) return await continueAsNew<typeof customer>(run.next());
  }
}

function listen(run: CustomerRun): void {
  setHandler(
    customerEventsSignal,
    (said) => {
      const { state: before } = run;
      let facts: readonly CustomerFact[] = [];
      run.hear((state, now) => {
        facts = said.filter(isCustomerFact);
        return receiveCustomer(state, facts, now);
      });
      measureApplyLag(facts, before.clock, before, run.state);
    },
    { description: 'Events of this customer and its contacts' },
  );
  setHandler(linkSignal, (it) => run.hear((state, now) => link(asNew(state, it.id), it, now)), {
    description: 'An onboarding of this customer is open',
  });
  setHandler(unlinkSignal, (it) => run.hear((state, now) => unlink(state, it, now)), {
    description: 'An onboarding of this customer has closed',
  });
  setHandler(revivedSignal, (it) => run.hear((state, now) => revived(state, it, now)), {
    description: 'An onboarding of this customer went on: a churn or archive hold may end',
  });
  setHandler(denySignal, (it) => run.hear((state, now) => deny(state, it, now)), {
    description: 'A person resolved the customer’s escalation',
  });
  setDefaultSignalHandler((name) => log.warn('A signal of an unknown name came in and was left alone', { name }));
  setHandler(customerStateQuery, () => run.state, { description: 'Everything this workflow knows' });
}

/** An onboarding that forgot its customer and is back before anybody noticed that it was gone. */
function asNew(state: CustomerState, id: string): CustomerState {
  return wasTold(state, id) && patched(TOLD_ANEW) ? toldNothing(state, id) : state;
}

class CustomerRun {
  #state: CustomerState;
  #due = true;

  constructor(private readonly input: CustomerInput) {
    this.#state = input.state ?? startCustomer(input.key, input.clock, this.#now());
  }

  get state(): CustomerState {
    return this.#state;
  }

  get isDue(): boolean {
    return this.#due;
  }

  get isFull(): boolean {
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    return continueAsNewSuggested || historyLength > (this.input.maxHistory ?? MAX_HISTORY);
  }

  /** Signals never throw: one that cannot be applied is left out and stays in the history. */
  hear(step: (state: CustomerState, now: number) => CustomerState): void {
    try {
      this.#state = step(this.#state, this.#now());
      this.#due = true;
    } catch (error) {
      log.warn('A message could not be read and was left out', { error: String(error) });
    }
  }

  /** Tells each open onboarding what it does not know yet. Awaited, so that no run ends with a signal under way. */
  async turn(): Promise<void> {
    this.#due = false;
    const decision = tell(this.#state, this.#now());
    this.#state = decision.state;
    setCurrentDetails(customerDetails(this.#state));
    await Promise.all(decision.tell.map((one) => this.#tell(one.onboarding, one.standing)));
  }

  next(): CustomerInput {
    return { ...this.input, state: this.#state };
  }

  async #tell(id: string, standing: CustomerStanding): Promise<void> {
    try {
      await getExternalWorkflowHandle(workflowId('onboarding', { ...this.input.key, id })).signal(
        standingSignal,
        standing,
      );
    } catch (error) {
      if (isCancellation(error)) throw error;
      // It has ended without a word: what it was to take over goes on to the next.
      const carried = standing.handedOver.map((one) => one.escalation);
      this.hear((state, now) => unlink(state, { id, carried }, now));
    }
  }

  #now(): number {
    return toVirtual(this.input.clock, Date.now());
  }
}
