import { setTimeout as sleep } from 'node:timers/promises';
import { type DeliveryQueue, type Outcome, type Turn, TurnLost } from '../../contracts/delivery.js';
import { StoreUnavailable } from '../../contracts/inbox.js';
import type { Observer } from '../../contracts/observer.js';
import type { DisabledBy } from '../../contracts/webhooks.js';
import { crossed, DISABLES_AT } from '../../domain/delivery/failing.js';
import type { Made } from './attempt.js';
import { Bell } from './bell.js';

/** While more comes, what ended within this long shares a commit; real. */
const GATHERED_MS = 20;
/** So many are written at once, without waiting for more. */
const BATCH = 100;
const PAUSE_MS = 500;
/** Real: how long a store that is away is asked once the turn is to end. A worker that stops has 12 s in all. */
const LAST_ASKED_MS = 9_000;

export interface RecorderDeps {
  readonly queue: DeliveryQueue;
  readonly observer: Observer;
  /** The turn is to end. */
  readonly signal: AbortSignal;
  /** Told of what is written, and once more when there is nothing to write or nothing can be written any more. */
  readonly onProgress: (written: readonly Outcome[]) => void;
}

/**
 * Writes what became of attempts, in batches and in the order in which they ended, and does what they ask for: the
 * warning, and the end of an endpoint. What the store cannot take now is kept and tried again.
 */
export class Recorder {
  /** How many deliveries in a row failed, as far as is written. */
  failures = 0;
  disabledBy: DisabledBy | null = null;
  #failure: unknown;
  #unwritten: Made[] = [];
  readonly #refused = new Set<string>();
  readonly #hurry = new Bell();
  #writing: Promise<void> | undefined;
  #lastAskedAt: number | undefined;

  constructor(
    private readonly deps: RecorderDeps,
    private readonly turn: Turn,
  ) {}

  /** Takes it in at once. `isUrgent` where something waits for its being written. */
  add(made: Made, isUrgent: boolean): void {
    this.#unwritten.push(made);
    if (isUrgent || made.disables !== null || this.#unwritten.length >= BATCH) this.#hurry.ring();
    this.#writing ??= this.#writeAll();
  }

  /** One that breaks, or that the store refuses for good, must not keep the others: no more of it in this turn. */
  setAside(seq: string, message: string, error: unknown): void {
    this.#refused.add(seq);
    const { name } = error instanceof Error ? error : new Error();
    const fields = { endpoint: this.turn.endpoint.id, message, error: name };
    this.deps.observer.log('error', 'an attempt could not be made or written', fields);
  }

  /** Everything that is not to be read from the queue as due. */
  get seqs(): readonly string[] {
    return [...this.#unwritten.map(({ outcome }) => outcome.seq), ...this.#refused];
  }

  get isBusy(): boolean {
    return this.#writing !== undefined;
  }

  /** Throws what it failed with: `TurnLost`, a store that stays away, a mistake. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure as Error;
  }

  /** Everything is written when it resolves. */
  async flush(): Promise<void> {
    while (this.#writing) {
      this.#hurry.ring();
      await this.#writing;
    }
    this.check();
  }

  async disable(by: DisabledBy, why: string): Promise<void> {
    if (this.disabledBy !== null) return;
    this.disabledBy = by;
    const { queue, observer } = this.deps;
    await this.#insist(() => queue.disable(this.turn, by, why));
    observer.count('slipway_webhook_endpoints_disabled_total');
    observer.log('warn', 'an endpoint was disabled', { endpoint: this.turn.endpoint.id, by });
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#unwritten.length > 0 && this.#failure === undefined) {
        await this.#hurry.wait(GATHERED_MS);
        await this.#writeBatch();
      }
    } catch (error) {
      this.#failure = error;
    } finally {
      this.#writing = undefined;
      this.deps.onProgress([]);
    }
  }

  async #writeBatch(): Promise<void> {
    const batch = this.#unwritten.slice(0, BATCH);
    const before = this.failures;
    await this.#record(batch);
    this.#unwritten = this.#unwritten.slice(batch.length);
    this.deps.onProgress(batch.map(({ outcome }) => outcome));
    await this.#follow(before, batch);
  }

  async #record(batch: readonly Made[]): Promise<void> {
    try {
      const outcomes = batch.map(({ outcome }) => outcome);
      const { failures } = await this.#insist(() => this.deps.queue.record(this.turn, outcomes));
      this.failures = failures;
    } catch (error) {
      if (error instanceof TurnLost || error instanceof StoreUnavailable) throw error;
      const [made, ...others] = batch;
      if (made && others.length === 0) this.setAside(made.outcome.seq, made.outcome.attempt.messageId, error);
      else for (const one of batch) await this.#record([one]);
    }
  }

  async #follow(before: number, batch: readonly Made[]): Promise<void> {
    const why = batch.find(({ disables }) => disables !== null)?.disables;
    if (why) await this.disable('receiver', why);
    const asked = crossed(before, this.failures);
    if (asked === 'disable') await this.disable('failing', TOO_MANY);
    if (asked === 'warn' && this.disabledBy === null) {
      await this.#insist(() => this.deps.queue.warn(this.turn, this.failures));
    }
  }

  async #insist<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof StoreUnavailable) || this.#isGivenUp()) throw error;
        await sleep(PAUSE_MS);
      }
    }
  }

  #isGivenUp(): boolean {
    if (!this.deps.signal.aborted) return false;
    this.#lastAskedAt ??= Date.now() + LAST_ASKED_MS;
    return Date.now() > this.#lastAskedAt;
  }
}

export const TOO_MANY = `${DISABLES_AT} deliveries one after another used up all their tries.`;
