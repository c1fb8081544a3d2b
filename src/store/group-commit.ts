import { StoreUnavailable } from '../contracts/inbox.js';

export interface GroupCommitOptions<T, R> {
  /**
   * Writes a batch in one commit and answers item by item. `StoreUnavailable` fails everybody who waits; any other error
   * is the fault of some item, and the batch is halved until that item fails alone.
   */
  readonly write: (batch: readonly T[]) => Promise<readonly R[]>;
  readonly bytesOf: (item: T) => number;
  readonly maxItems: number;
  readonly maxBytes: number;
  /** Items that may wait; one more is refused at once instead of being answered after its sender has given up. */
  readonly maxWaiting: number;
  /**
   * Within this many ms whoever is let in is answered, as far as the commits so far can tell: who is not let in hears so
   * at once and comes again later. The next commit may always fill, however slow the disk is.
   */
  readonly maxWaitMs: number;
  /**
   * After a commit that several shared the next one waits for this many ms, so that more share it: beside the processor time
   * of a commit that of a few more items is nothing. Behind a commit of one or a few nothing waits.
   */
  readonly gatherMs?: number;
  /** ms, of any origin; tests move it. */
  readonly now?: () => number;
}

/** As many that came within one commit will be followed by more within a few ms. */
const SEVERAL = 5;

interface Waiting<T, R> {
  readonly item: T;
  resolve(result: R): void;
  reject(error: unknown): void;
}

/**
 * Items that wait for the same commit share it: while one batch is on its way to the disk the next one forms. An item that
 * comes alone goes at the end of the turn of the event loop it came in. One batch at a time, so that items are written in
 * the order they came; two at a time were measured and are no faster.
 */
export class GroupCommit<T, R> {
  readonly #options: GroupCommitOptions<T, R>;
  readonly #now: () => number;
  #waiting: Waiting<T, R>[] = [];
  #waitingBytes = 0;
  #isWriting = false;
  #writingSince = 0;
  /** What the last commit took, ms. */
  #lastWriteMs = 0;
  #scheduled = false;
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(options: GroupCommitOptions<T, R>) {
    this.#options = options;
    this.#now = options.now ?? performance.now.bind(performance);
  }

  /** Whether one that came now would be refused: asked before anything is done for it, since refusing must cost little. */
  get isFull(): boolean {
    const { maxItems, maxBytes, maxWaiting, maxWaitMs } = this.#options;
    const commitsAhead = Math.floor(Math.max(this.#waiting.length / maxItems, this.#waitingBytes / maxBytes));
    if (this.#waiting.length >= maxWaiting) return true;
    return commitsAhead > 0 && this.#writtenInMs() + (commitsAhead + 1) * this.#lastWriteMs > maxWaitMs;
  }

  /** ms that the commit under way will still take. One that hangs has as long before it, for all that is known, as behind it. */
  #writtenInMs(): number {
    if (!this.#isWriting) return 0;
    const elapsed = this.#now() - this.#writingSince;
    return elapsed < this.#lastWriteMs ? this.#lastWriteMs - elapsed : elapsed;
  }

  add(item: T): Promise<R> {
    if (this.#closed) return Promise.reject(new StoreUnavailable('The store is closing; send it again.'));
    if (this.isFull) {
      return Promise.reject(new StoreUnavailable('More arrives than the store can write; send it again later.'));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#waitingBytes += this.#options.bytesOf(item);
      this.#schedule();
    });
  }

  /** Takes nothing more and resolves once all that waits is answered. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#isWriting || this.#waiting.length > 0) {
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
  }

  /** At the end of this turn, so that all who come in it share the batch. */
  #schedule(): void {
    if (this.#scheduled || this.#isWriting) return;
    this.#scheduled = true;
    setImmediate(this.#next);
  }

  #gather(ms: number): void {
    this.#scheduled = true;
    setTimeout(this.#next, ms);
  }

  readonly #next = (): void => {
    this.#scheduled = false;
    if (this.#waiting.length > 0) void this.#send(this.#nextBatch());
  };

  #nextBatch(): Waiting<T, R>[] {
    const { maxItems, maxBytes, bytesOf } = this.#options;
    let count = 0;
    let bytes = 0;
    for (; count < this.#waiting.length && count < maxItems; count++) {
      const its = bytesOf((this.#waiting[count] as Waiting<T, R>).item);
      if (bytes + its > maxBytes && count > 0) break;
      bytes += its;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, count);
  }

  async #send(batch: readonly Waiting<T, R>[]): Promise<void> {
    this.#isWriting = true;
    this.#writingSince = this.#now();
    await this.#write(batch);
    this.#lastWriteMs = this.#now() - this.#writingSince;
    this.#isWriting = false;
    const { gatherMs = 0, maxItems } = this.#options;
    const hasRoom = this.#waiting.length < maxItems && !this.#closed;
    if (gatherMs > 0 && batch.length >= SEVERAL && hasRoom) this.#gather(gatherMs);
    else if (this.#waiting.length > 0) this.#schedule();
    for (const tell of this.#idle.splice(0)) tell();
  }

  async #write(batch: readonly Waiting<T, R>[]): Promise<void> {
    try {
      const results = await this.#options.write(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, nth) => resolve(results[nth] as R));
    } catch (error) {
      if (error instanceof StoreUnavailable) this.#fail([...batch, ...this.#everybody()], error);
      else if (batch.length === 1) this.#fail(batch, error);
      else {
        const half = batch.length >> 1;
        await this.#write(batch.slice(0, half));
        await this.#write(batch.slice(half));
      }
    }
  }

  #everybody(): readonly Waiting<T, R>[] {
    this.#waitingBytes = 0;
    return this.#waiting.splice(0);
  }

  #fail(batch: readonly Waiting<T, R>[], error: unknown): void {
    for (const { reject } of batch) reject(error);
  }
}
