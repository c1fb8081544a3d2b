import { setMaxListeners } from 'node:events';
import {
  type DeliverReport,
  type DeliveryQueue,
  type Due,
  type Outcome,
  type Receiver,
  type Turn,
  TurnLost,
} from '../../contracts/delivery.js';
import { DISABLES_AT } from '../../domain/delivery/failing.js';
import { TokenBucket } from '../../domain/delivery/token-bucket.js';
import { type Clock, toReal, toVirtual } from '../../domain/time/clock.js';
import { type AttemptDeps, Attempts, type Made } from './attempt.js';
import { Bell } from './bell.js';
import { Recorder, TOO_MANY } from './recorder.js';
import { isFirstTry, Waiting } from './waiting.js';

/** Posts of one endpoint that are out at once. */
const PLACES = 32;
/** Of these, what is no first try takes at most so many: a backlog whose posts hang leaves room for live messages. */
const PLACES_OF_OTHERS = 16;
/** Read beyond the free places, so that the queue is not asked for every few posts. */
const AHEAD = 96;
/**
 * Real: not more often than this is the queue looked at because something came. A look costs as much as some ten posts do;
 * every 5 ms they took a fifth of the process, and messages so close together wait for a place longer than for a look.
 */
const LOOKS_APART_MS = 15;
/** Real: a try that falls due so soon is waited for here. It covers the second try of each delivery. */
const SOON_MS = 10_000;
/** Real: a queue that says something is due and then gives nothing is asked again after this long. */
const ASKED_AGAIN_MS = 1_000;

/** Real: what waits for something that rings does not wait for longer, so that nothing depends on a ring. */
const PATIENCE_MS = 1_000;

/** Real ms. */
export interface TurnLength {
  /** How long to stay after the last work, listening. */
  readonly lingerMs: number;
  /** After this long nothing new is begun, so that what was done shows in the workflow. */
  readonly mostMs: number;
}

export const TURN_LENGTH: TurnLength = { lingerMs: 5_000, mostMs: 60_000 };

export interface TurnDeps extends AttemptDeps {
  readonly queue: DeliveryQueue;
  readonly length: TurnLength;
}

/**
 * One turn of an endpoint: keeps its places filled with what is due, has written what becomes of it, stays a while for
 * more, and goes to sleep. It can be given up at any moment: what was not written is due still.
 */
export class DeliveryTurn {
  attempts = 0;
  readonly #attempts: Attempts;
  readonly #recorder: Recorder;
  readonly #waiting = new Waiting();
  readonly #bucket = new TokenBucket();
  readonly #bell = new Bell();
  readonly #onWire = new Map<string, Due>();
  #othersOnWire = 0;
  /** Stops what has not left. */
  readonly #stop = new AbortController();
  readonly #startedAt = Date.now();
  #receiver: Receiver | null | undefined;
  /** Something came that no look has seen. */
  #isNews = false;
  /** How often something came. */
  #heard = 0;
  /** On the wire while something came: they may be what an operator asked for once more. */
  readonly #maybeAsked = new Set<string>();
  #lookedAt = 0;
  #workedAt = Date.now();
  /** The next instant at which something may be due; virtual. */
  #nextAt: number | null = null;
  #lastFailure: DeliverReport['lastFailure'] = null;

  constructor(
    private readonly deps: TurnDeps,
    private readonly turn: Turn,
    private readonly clock: Clock,
    /** Nothing new is to be begun, and what has not left is not to leave. */
    private readonly signal: AbortSignal,
  ) {
    this.#attempts = new Attempts(deps, clock, turn.endpoint.id);
    this.#recorder = new Recorder({ ...deps, signal, onProgress: (written) => this.#written(written) }, turn);
    setMaxListeners(0, this.#stop.signal);
  }

  /** What is on the wire, and what waits here for a place. */
  get pending(): number {
    return this.#onWire.size + this.#waiting.size;
  }

  /** Throws `TurnLost` as soon as it is known, and whatever keeps the store from telling what is due. */
  async run(): Promise<DeliverReport> {
    const onAbort = () => this.#halt();
    this.signal.addEventListener('abort', onAbort);
    if (this.signal.aborted) onAbort();
    const listening = await this.deps.queue.listen(this.turn.endpoint, () => this.#hear());
    try {
      return await this.#untilRest();
    } catch (error) {
      // Whoever has the turn now makes them; others may be waited for.
      if (error instanceof TurnLost) this.#halt();
      throw error;
    } finally {
      listening.close();
      this.signal.removeEventListener('abort', onAbort);
    }
  }

  async #untilRest(): Promise<DeliverReport> {
    for (;;) {
      await this.#work();
      if (!this.#receiver) return goneAt(this.#now());
      const at = this.#now();
      const { nextAt, pending } = await this.deps.queue.rest(this.turn, at);
      if (nextAt === null || nextAt > at || this.#mustEnd) return this.#report(this.#receiver, { at, nextAt, pending });
      this.#workedAt = Date.now() - this.deps.length.lingerMs + ASKED_AGAIN_MS;
    }
  }

  /** Until there is nothing to do for a while or the turn must end. Then everything is off the wire and written. */
  async #work(): Promise<void> {
    try {
      await this.#keepBusy();
    } catch (error) {
      if (!(error instanceof TurnLost)) await this.#finish();
      throw error;
    }
    await this.#finish();
  }

  async #keepBusy(): Promise<void> {
    await this.#look();
    while (!this.#mustEnd && this.#maySend) {
      if (this.#shouldLook()) {
        await this.#look();
        continue;
      }
      this.#start();
      const ms = this.#quietMs();
      if (ms === null) return;
      await this.#bell.wait(ms);
      this.#recorder.check();
    }
  }

  async #finish(): Promise<void> {
    while (this.#onWire.size > 0) {
      this.#recorder.check();
      await this.#bell.wait(PATIENCE_MS);
    }
    await this.#recorder.flush();
  }

  get #mustEnd(): boolean {
    return this.#stop.signal.aborted || Date.now() >= this.#startedAt + this.deps.length.mostMs;
  }

  get #maySend(): boolean {
    return this.#receiver?.disabled === null && this.#recorder.disabledBy === null;
  }

  async #look(): Promise<void> {
    const isFirst = this.#receiver === undefined;
    const limit = PLACES - this.#onWire.size + Math.min(AHEAD, this.#receiver?.rateLimit ?? AHEAD);
    this.#isNews = false;
    this.#nextAt = null;
    this.#lookedAt = Date.now();
    const underWay = [...this.#onWire.keys(), ...this.#recorder.seqs];
    const { receiver, deliveries, nextAt } = await this.deps.queue.due(this.turn, this.#now(), limit, underWay);
    this.#receiver = receiver;
    this.#waiting.fill(deliveries, limit, Date.now());
    if (nextAt !== null) this.#dueAt(nextAt);
    if (deliveries.length > 0) this.#workedAt = Date.now();
    if (receiver === null) return;
    this.#bucket.limit(receiver.rateLimit);
    if (isFirst) await this.#takeUp(receiver);
  }

  /** What a turn before this one may have left undone between a record and what it asks for. */
  async #takeUp({ failures, disabled }: Receiver): Promise<void> {
    this.#recorder.failures = failures;
    if (failures >= DISABLES_AT && disabled === null) await this.#recorder.disable('failing', TOO_MANY);
  }

  #shouldLook(): boolean {
    const now = Date.now();
    if (this.#onWire.size >= PLACES || this.#bucket.waitMs(now) > 0) return false;
    if (this.#waiting.isStale(now)) return true;
    const isNews = this.#isNews && now >= this.#lookedAt + LOOKS_APART_MS;
    const isDue = this.#nextAt !== null && this.#nextAt <= this.#now();
    return this.#waiting.wantsFirst(isNews) || (this.#hasPlaceForOthers && this.#waiting.wantsOthers(isNews || isDue));
  }

  #start(): void {
    while (this.#onWire.size < PLACES && this.#receiver) {
      const forOthers = this.#hasPlaceForOthers;
      if (!this.#waiting.has(forOthers) || !this.#bucket.take(Date.now())) return;
      const due = this.#waiting.next(forOthers);
      if (due) void this.#deliver(due, this.#receiver);
    }
  }

  get #hasPlaceForOthers(): boolean {
    return this.#othersOnWire < PLACES_OF_OTHERS;
  }

  async #deliver(due: Due, receiver: Receiver): Promise<void> {
    const heard = this.#heard;
    const other = isFirstTry(due) ? 0 : 1;
    this.#onWire.set(due.seq, due);
    this.#othersOnWire += other;
    try {
      const made = await this.#attempts.make(due, receiver, this.#stop.signal);
      if (made) this.#keep(made, receiver);
      if (made && this.#heard !== heard) this.#maybeAsked.add(due.seq);
    } catch (error) {
      this.#recorder.setAside(due.seq, due.messageId, error);
    }
    this.#onWire.delete(due.seq);
    this.#othersOnWire -= other;
    this.#workedAt = Date.now();
    this.#bell.ring();
  }

  #keep(made: Made, receiver: Receiver): void {
    this.attempts += 1;
    this.#lastFailure = made.failure === null ? null : { at: made.outcome.attempt.at, why: made.failure };
    this.#recorder.add(made, receiver.ordered);
  }

  #written(outcomes: readonly Outcome[]): void {
    for (const { seq, then } of outcomes) {
      if (then.state === 'pending') this.#dueAt(then.nextAt);
      // Only now can it be read from the queue again, and the next one of its line be read at all.
      if (this.#maybeAsked.delete(seq) || this.#receiver?.ordered) this.#isNews = true;
    }
    this.#bell.ring();
  }

  #hear(): void {
    this.#heard += 1;
    this.#isNews = true;
    this.#bell.ring();
  }

  #halt(): void {
    this.#stop.abort();
    this.#bell.ring();
  }

  #dueAt(at: number): void {
    this.#nextAt = Math.min(at, this.#nextAt ?? at);
  }

  /** Real ms until something is to be looked at again, if nothing happens before; null where the turn may end. */
  #quietMs(): number | null {
    const now = Date.now();
    const dueAt = this.#nextAt === null ? Number.POSITIVE_INFINITY : toReal(this.clock, this.#nextAt);
    const instants = [this.#startedAt + this.deps.length.mostMs, dueAt];
    if (this.#isNews) instants.push(this.#lookedAt + LOOKS_APART_MS);
    if (this.#waiting.size > 0) instants.push(now + this.#bucket.waitMs(now));
    if (this.pending === 0 && !this.#recorder.isBusy) {
      const end = Math.max(this.#workedAt + this.deps.length.lingerMs, dueAt <= now + SOON_MS ? dueAt : 0);
      if (end <= now && !this.#isNews) return null;
      instants.push(end);
    }
    // What is over already waits for something that rings.
    return Math.min(PATIENCE_MS, ...instants.filter((at) => at > now).map((at) => at - now));
  }

  #now(): number {
    return toVirtual(this.clock, Date.now());
  }

  #report(receiver: Receiver, rest: Pick<DeliverReport, 'at' | 'nextAt' | 'pending'>): DeliverReport {
    return {
      gone: false,
      url: receiver.url,
      disabled: receiver.disabled ?? this.#recorder.disabledBy,
      failures: this.#recorder.failures,
      attempts: this.attempts,
      lastFailure: this.#lastFailure,
      ...rest,
    };
  }
}

/** What a workflow is told of an endpoint that is no more. */
export function goneAt(at: number): DeliverReport {
  return {
    gone: true,
    url: '',
    disabled: null,
    pending: 0,
    at,
    nextAt: null,
    failures: 0,
    attempts: 0,
    lastFailure: null,
  };
}
