import type { Inbox } from '../contracts/inbox.js';
import type { Observer } from '../contracts/observer.js';

const AGAIN_AFTER_MS = 1_000;

export interface SettlementDeps {
  readonly inbox: Pick<Inbox, 'settle'>;
  readonly observer: Observer;
  /** Called with rows that are marked done on disk. */
  readonly onSettled: (seqs: readonly string[]) => void;
}

/**
 * Marks signalled rows done. Rows that come while a write is under way share the next one. A write that fails is tried
 * again until it succeeds: its rows were signalled, and doing so once more would only be dropped as a repeat.
 */
export class Settlement {
  readonly #deps: SettlementDeps;
  #waiting = { signalled: [] as string[], late: [] as string[] };
  #writing: Promise<void> | undefined;
  #again: NodeJS.Timeout | undefined;

  constructor(deps: SettlementDeps) {
    this.#deps = deps;
  }

  add(seqs: readonly string[], outcome: 'signalled' | 'late'): void {
    this.#waiting[outcome].push(...seqs);
    if (!this.#again) this.#writing ??= this.#write();
  }

  /** Resolves when nothing waits or a write has failed. Never rejects. */
  async flush(): Promise<void> {
    clearTimeout(this.#again);
    this.#again = undefined;
    await (this.#writing ??= this.#write());
  }

  /** Tries no more; what is not marked by then is signalled again by whoever claims it. */
  stop(): void {
    clearTimeout(this.#again);
  }

  async #write(): Promise<void> {
    // Signals that are answered in the same turn of the loop are settled together.
    await new Promise(setImmediate);
    try {
      while (this.#waiting.signalled.length + this.#waiting.late.length > 0) {
        await this.#settle('late');
        await this.#settle('signalled');
      }
    } catch (error) {
      this.#deps.observer.log('warn', 'signalled events could not be marked done yet', { reason: String(error) });
      this.#again = setTimeout(() => void this.flush(), AGAIN_AFTER_MS);
    } finally {
      this.#writing = undefined;
    }
  }

  async #settle(outcome: 'signalled' | 'late'): Promise<void> {
    const seqs = this.#waiting[outcome];
    if (seqs.length === 0) return;
    this.#waiting[outcome] = [];
    try {
      await this.#deps.inbox.settle(seqs, outcome);
    } catch (error) {
      this.#waiting[outcome].unshift(...seqs);
      throw error;
    }
    this.#deps.onSettled(seqs);
  }
}
