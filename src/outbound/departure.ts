import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

/** What came back, as far as it came. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As much as is kept. */
  readonly body: Buffer;
}

const KEPT_BODY_BYTES = 2048;

/**
 * One exchange with a receiver, as undici's handler of it. It knows whether anything has left: undici calls
 * `onRequestStart` right before it writes on an open connection, and before that nobody can have received anything, so
 * that stopping is free of doubt. The status alone is the outcome: an answer that breaks off, that goes on for longer than
 * is kept, or that drips on until the time is up is an answer, and the connection goes with the rest of it.
 */
export class Departure implements Dispatcher.DispatchHandler {
  sent = false;
  stoppedBy: 'timeout' | 'aborted' | undefined;
  /** Rejects with what undici threw, or where it was stopped; with the stop itself, which undici may notice seconds later. */
  readonly reply: Promise<Reply>;
  #settle!: { resolve(reply: Reply): void; reject(error: Error): void };
  #isOver = false;
  #controller: Dispatcher.DispatchController | undefined;
  #head: Pick<Reply, 'status' | 'headers'> | undefined;
  readonly #chunks: Buffer[] = [];
  #size = 0;
  readonly #timer: NodeJS.Timeout;
  readonly #caller: AbortSignal | undefined;

  constructor(timeoutMs: number, caller: AbortSignal | undefined) {
    this.reply = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.#timer = setTimeout(() => this.#stop('timeout'), timeoutMs);
    this.#caller = caller;
    this.#caller?.addEventListener('abort', this.#onAbort);
    if (this.#caller?.aborted) this.#onAbort();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // A second start would be a second try of undici's own, on another connection.
    if (this.#isOver || this.sent) {
      controller.abort(new Error('not to be sent'));
      return;
    }
    this.#controller = controller;
    this.sent = true;
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status >= 200) this.#head = { status, headers };
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size >= KEPT_BODY_BYTES) this.#break(new Error('enough was read'));
  }

  onResponseEnd(): void {
    this.#end();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#end(error);
  }

  #onAbort = (): void => {
    if (!this.sent) this.#stop('aborted');
  };

  #stop(why: 'timeout' | 'aborted'): void {
    if (!this.#head) this.stoppedBy = why;
    this.#break(new Error(why));
  }

  /** Ends it first: what undici says of the connection that goes is no outcome any more. */
  #break(why: Error): void {
    this.#end(why);
    this.#controller?.abort(why);
  }

  /** An error is made where one is needed alone: its stack costs more than all else that is done for an answer. */
  #end(error?: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener('abort', this.#onAbort);
    if (!this.#head) this.#settle.reject(error ?? new Error('it ended without a status'));
    else this.#settle.resolve({ ...this.#head, body: Buffer.concat(this.#chunks).subarray(0, KEPT_BODY_BYTES) });
  }
}
