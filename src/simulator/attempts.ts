import type { Console } from './console.js';
import { APPLICATION } from './outbox.js';

/** A call that a Slipway made for a message of the fake Pivotal's. */
export interface Attempted {
  readonly id: string;
  readonly msgId: string;
  readonly eventType: string;
  readonly url: string;
  /** ISO 8601, on the clock of the Slipway that sends. */
  readonly timestamp: string;
  readonly statusText: 'success' | 'fail';
  /** 0 where no answer came. */
  readonly responseStatusCode: number;
  readonly responseDurationMs: number;
  /** What came back, cut; the reason in words where nothing did. */
  readonly response: string;
  /** Null where there is to be no other try. */
  readonly nextAttempt: string | null;
}

interface Page {
  readonly data: readonly Attempted[];
  readonly iterator: string | null;
  readonly done: boolean;
}

/** The most that the console shows at once. */
const PAGE = 250;

/**
 * The log of an endpoint as it grows: each attempt once, in the order in which they were entered. The log is read from its
 * end back to what was seen last; an endpoint's attempts are entered one after another, so that nothing comes in before.
 */
export class AttemptLog {
  #last: string | undefined;

  constructor(
    private readonly console: Pick<Console, 'get'>,
    private readonly endpointId: string,
  ) {}

  /** Leaves out what there is: it is of another time. */
  async skip(): Promise<void> {
    this.#last = (await this.#page(1, null)).data[0]?.id;
  }

  /** What came since the last look, oldest first. */
  async news(): Promise<readonly Attempted[]> {
    const found: Attempted[] = [];
    for (let iterator: string | null = null; ; ) {
      const page: Page = await this.#page(PAGE, iterator);
      const at = page.data.findIndex(({ id }) => id === this.#last);
      found.push(...(at < 0 ? page.data : page.data.slice(0, at)));
      if (at >= 0 || page.done || page.iterator === null) break;
      iterator = page.iterator;
    }
    this.#last = found[0]?.id ?? this.#last;
    return found.reverse();
  }

  #page(limit: number, iterator: string | null): Promise<Page> {
    const on = iterator === null ? '' : `&iterator=${encodeURIComponent(iterator)}`;
    return this.console.get(`/api/v1/app/${APPLICATION}/attempt/endpoint/${this.endpointId}?limit=${limit}${on}`);
  }
}
