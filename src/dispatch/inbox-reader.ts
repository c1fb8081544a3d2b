import type { Inbox, PendingRow } from '../contracts/inbox.js';
import type { Observer } from '../contracts/observer.js';
import type { Pending } from './pending.js';

export interface InboxReaderDeps {
  readonly inbox: Pick<Inbox, 'claim' | 'leased' | 'release' | 'reviveSignalledSince'>;
  readonly observer: Observer;
  /** Real epoch ms. */
  readonly now: () => number;
}

const CLAIM_ROWS = 1_000;
/** Rows of a server that died, and those put back for another try, wait this long at most. */
const LOOK_EVERY_MS = 3_000;
/** Every so many looks it is asked whether the inbox holds for this server what is not in its memory. */
const LOOKS_BEFORE_RECALL = 5;
/** What was stored later than this may be on its way into memory. */
const ON_ITS_WAY_MS = 30_000;
/** Longer than an unsynced Temporal server keeps anything in memory only. */
const MAY_BE_FORGOTTEN_MS = 10 * 60_000;

/**
 * The inbox as the dispatcher sees it: what this server stored is offered and not read again. It is read at start,
 * every few seconds for rows of servers that died, and where memory was full, as soon as there is room.
 */
export class InboxReader {
  readonly #deps: InboxReaderDeps;
  readonly #pending: Pending;
  readonly #onRows: () => void;
  /** Rows that were offered and did not fit; they are given back to the inbox. */
  #unfit: string[] = [];
  #isBehind = false;
  #looks = 0;
  #looking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: InboxReaderDeps, pending: Pending, onRows: () => void) {
    this.#deps = deps;
    this.#pending = pending;
    this.#onRows = onRows;
  }

  take(row: PendingRow): void {
    if (this.#pending.add(row) !== 'full') return;
    this.#unfit.push(row.seq);
    this.#isBehind = true;
  }

  /** Takes what fits of what waits in the inbox; returns the rows there were. */
  async claim(): Promise<readonly PendingRow[]> {
    const limit = Math.min(CLAIM_ROWS, this.#pending.room);
    const rows = limit > 0 ? await this.#deps.inbox.claim(limit) : [];
    for (const row of rows) this.take(row);
    this.#isBehind = limit === 0 || rows.length === limit;
    if (rows.length > 0) this.#onRows();
    return rows;
  }

  /**
   * Puts back what a Temporal server that lost its last minutes may have forgotten: the last ones before `heardAt`, since a
   * machine may have been off for longer than they are. Never later than now: a clock that ran ahead may have been put right.
   */
  async revive(heardAt: number | null): Promise<void> {
    const now = this.#deps.now();
    const diedAt = Math.min(now, heardAt ?? now);
    const revived = await this.#deps.inbox.reviveSignalledSince(diedAt - MAY_BE_FORGOTTEN_MS);
    if (revived > 0) this.#deps.observer.log('info', 'recent events are signalled again', { events: revived });
  }

  start(): void {
    this.#timer ??= setTimeout(() => void this.#lookAndGoOn(), LOOK_EVERY_MS);
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#looking;
    // A look that was under way has set the timer anew.
    clearTimeout(this.#timer);
  }

  /** Rows were settled: where some had not fitted, the inbox is read again as soon as half the memory is free. */
  roomMade(): void {
    if (this.#isBehind && this.#timer && this.#pending.isHalfEmpty) void this.#look();
  }

  /** Gives back what is held and not signalled, so that another server takes it without waiting for the lease. */
  async giveBack(): Promise<void> {
    this.#unfit.push(...this.#pending.waiting());
    await this.#releaseUnfit().catch((error: unknown) => this.#warn('pending events could not be given back', error));
  }

  async #lookAndGoOn(): Promise<void> {
    await this.#look();
    if (this.#timer) this.#timer = setTimeout(() => void this.#lookAndGoOn(), LOOK_EVERY_MS);
  }

  /** One at a time; a store that does not answer is asked again at the next look. Never rejects. */
  #look(): Promise<void> {
    this.#looking ??= this.#readInbox()
      .catch((error: unknown) => this.#warn('the inbox could not be read', error))
      .finally(() => {
        this.#looking = undefined;
      });
    return this.#looking;
  }

  async #readInbox(): Promise<void> {
    await this.#releaseUnfit();
    if (++this.#looks % LOOKS_BEFORE_RECALL === 0) await this.#recallForgotten();
    if (!this.#isBehind || this.#pending.isHalfEmpty) await this.claim();
  }

  /** Gives back what is leased to this server and not in its memory, so that the next claim takes it. */
  async #recallForgotten(): Promise<void> {
    const leased = await this.#deps.inbox.leased(this.#deps.now() - ON_ITS_WAY_MS, CLAIM_ROWS);
    const forgotten = leased.filter((seq) => !this.#pending.holds(seq));
    if (forgotten.length === 0) return;
    this.#deps.observer.log('info', 'events that a crash of the store left behind are taken up', {
      events: forgotten.length,
    });
    await this.#deps.inbox.release(forgotten);
  }

  async #releaseUnfit(): Promise<void> {
    const seqs = this.#unfit;
    if (seqs.length === 0) return;
    this.#unfit = [];
    try {
      await this.#deps.inbox.release(seqs);
    } catch (error) {
      this.#unfit.unshift(...seqs);
      throw error;
    }
  }

  #warn(message: string, error: unknown): void {
    this.#deps.observer.log('warn', message, { reason: error instanceof Error ? error.message : String(error) });
  }
}
