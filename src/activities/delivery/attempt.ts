import type { Due, Outcome, Receiver } from '../../contracts/delivery.js';
import type { Observer } from '../../contracts/observer.js';
import { nextTry, type RetrySchedule, type Tried } from '../../domain/delivery/schedule.js';
import { controlOf, type Verdict, verdictOf } from '../../domain/delivery/verdict.js';
import { type Clock, toReal, toVirtual, virtualSpan } from '../../domain/time/clock.js';
import type { Outbound, PostResult } from '../../outbound/post.js';
import { createSigner, type Signer } from '../../outbound/signer.js';
import { requestHeaders } from './request-headers.js';
import { isFirstTry } from './waiting.js';

/** What became of one attempt, and what it asks for beside the record. */
export interface Made {
  readonly outcome: Outcome;
  /** Why it failed, for people; null where it did not. Names the host at most. */
  readonly failure: string | null;
  /** The receiver wants nothing more: why, for people. */
  readonly disables: string | null;
}

export interface AttemptDeps {
  readonly outbound: Outbound;
  readonly observer: Observer;
  readonly schedule: RetrySchedule;
  /** 0 to 1. */
  readonly random: () => number;
}

/** The attempts of one turn. */
export class Attempts {
  #signer: { readonly text: string; readonly sign: Signer } | undefined;

  constructor(
    private readonly deps: AttemptDeps,
    private readonly clock: Clock,
    private readonly endpointId: string,
  ) {}

  /**
   * Posts once. Never throws: whatever goes wrong is an attempt that failed. Undefined where it was stopped before
   * anything left, which is none.
   */
  async make(due: Due, receiver: Receiver, signal: AbortSignal): Promise<Made | undefined> {
    const startedAt = Date.now();
    const request = this.#request(due, receiver, startedAt);
    if (request === undefined) return this.#judge(due, receiver, startedAt, {}, UNSIGNED);
    this.#measureFirst(due, startedAt);
    const { sent: headers, logged } = request;
    const result = await this.deps.outbound.post({ url: receiver.url, headers, body: due.payload, signal });
    if (!result.answered && result.failure === 'aborted') return undefined;
    this.deps.observer.time('slipway_webhook_attempt_seconds', result.ms / 1000);
    return this.#judge(due, receiver, startedAt, logged, result);
  }

  #request(due: Due, receiver: Receiver, startedAt: number) {
    try {
      const signature = this.#sign(receiver)(due.messageId, Math.floor(startedAt / 1000), due.payload);
      return requestHeaders(signature, receiver.headers);
    } catch (error) {
      const { name } = error instanceof Error ? error : new Error();
      this.deps.observer.log('error', 'a delivery could not be signed', { endpoint: this.endpointId, error: name });
      return undefined;
    }
  }

  /** Reading the secrets costs more than signing with them, and they are the same for thousands of messages. */
  #sign({ secrets }: Receiver): Signer {
    const text = secrets.join(' ');
    if (this.#signer?.text !== text) this.#signer = { text, sign: createSigner(text) };
    return this.#signer.sign;
  }

  #measureFirst(due: Due, startedAt: number): void {
    if (!isFirstTry(due)) return;
    const ms = startedAt - toReal(this.clock, due.createdAt);
    this.deps.observer.time('slipway_webhook_first_attempt_seconds', Math.max(0, ms) / 1000);
  }

  #judge(due: Due, receiver: Receiver, startedAt: number, headers: Headers, result: PostResult): Made {
    const verdict = verdictOf(result.answered ? result : null);
    // Not before it was due, whatever a clock that was set back says: the schedule ends by its instants.
    const at = Math.max(toVirtual(this.clock, startedAt), due.dueAt);
    const firstAt = due.firstAt ?? at;
    // What an operator asked for between two tries is one more of them and uses none up.
    const tries = due.trigger === 'manual' && due.tries > 0 ? due.tries : due.tries + 1;
    const isTriedAgain = verdict.message === 'retry' && !due.once;
    const nextAt = isTriedAgain ? this.#next({ tries, firstAt, triedAt: at }, result) : null;
    const succeeded = verdict.message === 'delivered';
    this.deps.observer.count('slipway_webhook_attempts_total', { result: wordOf(verdict, nextAt) });
    return {
      outcome: {
        seq: due.seq,
        attempt: {
          messageId: due.messageId,
          at,
          trigger: due.trigger,
          succeeded,
          url: receiver.url,
          requestHeaders: headers,
          ms: result.ms,
          address: result.address ?? null,
          nextAt,
          ...answerOf(result),
        },
        tries,
        firstAt,
        revision: due.revision,
        usedUp: isTriedAgain && nextAt === null,
        // oxlint-disable-next-line unicorn/no-thenable -- the contract's name; nobody awaits an outcome
        then: nextAt === null ? { state: succeeded ? 'delivered' : 'failed' } : { state: 'pending', nextAt },
      },
      failure: succeeded ? null : reasonOf(result),
      disables: verdict.disables ? reasonOf(result) : null,
    };
  }

  #next(tried: Omit<Tried, 'random'>, result: PostResult): number | null {
    const { schedule, random } = this.deps;
    const realMs = result.answered ? result.retryAfterMs : undefined;
    // The receiver counts from its answer, the schedule from the beginning of the try.
    const retryAfterMs = realMs === undefined ? undefined : virtualSpan(this.clock, realMs + result.ms);
    return nextTry({ ...tried, retryAfterMs, random: random() }, schedule);
  }
}

type Headers = Readonly<Record<string, string>>;

/** It is tried again as any other: a rotation may mend the secret meanwhile. */
const UNSIGNED: PostResult = {
  answered: false,
  failure: 'forbidden',
  sent: false,
  message: 'It could not be signed: rotate the secret of the endpoint.',
  ms: 0,
};

function answerOf(result: PostResult) {
  if (!result.answered) return { status: 0, response: result.message, responseHeaders: {} };
  return { status: result.status, response: result.body, responseHeaders: result.headers };
}

/** Not what it answered: that may be about a person. */
function reasonOf(result: PostResult): string {
  if (!result.answered) return result.message;
  const control = controlOf(result);
  return `It answered ${result.status}${control === undefined ? '' : ` with webhook-delivery: ${control}`}.`;
}

function wordOf({ message, disables }: Verdict, nextAt: number | null): string {
  if (message === 'delivered') return 'delivered';
  if (disables) return 'disabled';
  if (message === 'abort') return 'aborted';
  return nextAt === null ? 'failed' : 'retry';
}
