import { Readable } from 'node:stream';

/**
 * Knows whether anything has left. The body is handed over as a stream because undici asks for it only when it writes
 * on an open connection: before that nobody can have received anything, and stopping is free of doubt.
 */
export class Departure {
  sent = false;
  stoppedBy: 'timeout' | 'aborted' | undefined;
  readonly body: Readable;
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #caller: AbortSignal | undefined;

  constructor(body: string, timeoutMs: number, caller: AbortSignal | undefined) {
    this.body = new Readable({
      read: () => {
        // Once stopped, undici may still drain the stream; nothing of that leaves.
        this.sent ||= this.stoppedBy === undefined;
        this.body.push(body);
        this.body.push(null);
      },
    });
    this.#timer = setTimeout(() => this.#stop('timeout'), timeoutMs);
    this.#caller = caller;
    this.#caller?.addEventListener('abort', this.#onAbort);
    if (this.#caller?.aborted) this.#onAbort();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ends with the stop itself: undici takes note of one only when its connection stands, which may be seconds later. */
  async unlessStopped<T>(call: () => Promise<T>): Promise<T> {
    this.#controller.signal.throwIfAborted();
    const stopped = new Promise<never>((_, reject) => {
      this.#controller.signal.addEventListener('abort', () => reject(this.#controller.signal.reason as Error));
    });
    return Promise.race([call(), stopped]);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener('abort', this.#onAbort);
  }

  #onAbort = (): void => {
    if (!this.sent) this.#stop('aborted');
  };

  #stop(why: 'timeout' | 'aborted'): void {
    this.stoppedBy = why;
    this.#controller.abort();
  }
}
