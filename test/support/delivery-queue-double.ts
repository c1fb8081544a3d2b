import {
  type DeliveryQueue,
  type Due,
  type DuePage,
  type Outcome,
  type Receiver,
  type Turn,
  TurnLost,
} from '../../src/contracts/delivery.js';
import { StoreUnavailable } from '../../src/contracts/inbox.js';
import type { Attempt, DeliveryState, DisabledBy, EndpointKey } from '../../src/contracts/webhooks.js';
import { newSecret } from '../../src/store/webhooks/secrets.js';

/** One message for one endpoint, as the store keeps it. */
export interface Row {
  readonly seq: number;
  readonly messageId: string;
  readonly orderKey: string | null;
  readonly payload: string;
  readonly createdAt: number;
  state: DeliveryState;
  lane: 0 | 1;
  manual: boolean;
  tries: number;
  firstAt: number | null;
  nextAt: number | null;
  endedAs: Exclude<DeliveryState, 'pending'> | null;
  revision: number;
}

export type Logged = Omit<Attempt, 'id' | 'endpointId' | 'eventType'>;

type Settings = Partial<Omit<Receiver, 'disabled' | 'failures'>> & Pick<Receiver, 'url'>;

/** An endpoint with its queue and its log. */
class Place {
  readonly rows = new Map<string, Row>();
  readonly log: Logged[] = [];
  /** Batches of `record`, in the order in which they were written. */
  readonly batches: number[] = [];
  readonly notices: string[] = [];
  turn = 0;
  isAsleep = true;
  isGone = false;
  receiver: Receiver;

  constructor(
    readonly key: EndpointKey,
    settings: Settings,
  ) {
    const plain = { headers: {}, secrets: [newSecret()], rateLimit: null, ordered: false };
    this.receiver = { ...plain, ...settings, disabled: null, failures: 0 };
  }

  pending(): Row[] {
    return [...this.rows.values()].filter(({ state }) => state === 'pending');
  }

  /** What may be sent at all: of an ordered endpoint the first of each line, unless that is under way. */
  heads(underWay: ReadonlySet<string>): Row[] {
    const lines = new Set<string>();
    return this.pending().filter((row) => {
      const isFirst = row.orderKey === null || !this.receiver.ordered || !lines.has(row.orderKey);
      if (row.orderKey !== null) lines.add(row.orderKey);
      return isFirst && !underWay.has(String(row.seq));
    });
  }
}

/**
 * The queue of deliveries in memory, which keeps the contract of the store's: turns fenced by their number, half of the
 * places for first tries, one of a line at a time, operators' acts that outlive a call on the wire. `now` is virtual.
 */
export class DeliveryQueueDouble implements DeliveryQueue {
  readonly #places = new Map<string, Place>();
  readonly #listeners = new Map<string, Set<() => void>>();
  #messages = 0;
  /** The store is away: everything a turn asks throws `StoreUnavailable`. */
  isAway = false;
  /** Calls of `due`. */
  looks = 0;
  /** Runs in the middle of a call, as whatever happens meanwhile would. */
  meanwhile: (call: 'due' | 'record' | 'rest') => void = () => {};
  /** Refuses to write an outcome, as a store would that cannot keep what is in it. */
  refuses: (outcome: Outcome) => boolean = () => false;

  constructor(
    private readonly now: () => number,
    /** Told of an endpoint that something was queued for while it slept. */
    private readonly onWake: (endpoint: EndpointKey) => void = () => {},
  ) {}

  addEndpoint(settings: Settings, id = `ep_${this.#places.size + 1}`): EndpointKey {
    const key = { application: 'app_1', id };
    this.#places.set(id, new Place(key, settings));
    return key;
  }

  of({ id }: Pick<EndpointKey, 'id'>): Place {
    const place = this.#places.get(id);
    if (!place) throw new Error(`there is no endpoint ${id}`);
    return place;
  }

  row(key: EndpointKey, seq: string): Row {
    const row = this.of(key).rows.get(seq);
    if (!row) throw new Error(`there is no delivery ${seq}`);
    return row;
  }

  // What producers and operators do.

  /** Queues messages; gives their seqs. */
  send(key: EndpointKey, count = 1, more: { orderKey?: string; payload?: string } = {}): string[] {
    const seqs = Array.from({ length: count }, () => {
      const seq = ++this.#messages;
      this.of(key).rows.set(String(seq), this.#newRow(seq, more));
      return String(seq);
    });
    this.#queued(key);
    return seqs;
  }

  #newRow(
    seq: number,
    { orderKey = null, payload = JSON.stringify({ n: seq }) }: Partial<Pick<Row, 'orderKey' | 'payload'>>,
  ): Row {
    return {
      seq,
      messageId: `msg_${seq}`,
      orderKey,
      payload,
      createdAt: this.now(),
      state: 'pending',
      lane: 0,
      manual: false,
      tries: 0,
      firstAt: null,
      nextAt: this.now(),
      endedAs: null,
      revision: 0,
    };
  }

  resend(key: EndpointKey, seq: string): void {
    const row = this.row(key, seq);
    if (row.state !== 'pending') row.endedAs = row.state;
    this.#dueAgain(row);
    this.#queued(key);
  }

  /** Failed ones, and those that are still retried. */
  recover(key: EndpointKey): void {
    for (const row of this.of(key).rows.values()) {
      const isRetried = row.state === 'pending' && row.tries > 0 && row.endedAs !== 'delivered';
      if (row.state !== 'failed' && !isRetried) continue;
      Object.assign(row, { tries: 0, firstAt: null, endedAs: null });
      this.#dueAgain(row);
    }
    this.#queued(key);
  }

  #dueAgain(row: Row): void {
    Object.assign(row, { state: 'pending', lane: 1, manual: true, nextAt: this.now() });
    row.revision += 1;
  }

  change(key: EndpointKey, settings: Partial<Settings>): void {
    const place = this.of(key);
    place.receiver = { ...place.receiver, ...settings };
    this.#queued(key);
  }

  switchOff(key: EndpointKey): void {
    const place = this.of(key);
    place.receiver = { ...place.receiver, disabled: 'operator' };
  }

  switchOn(key: EndpointKey): void {
    const place = this.of(key);
    place.receiver = { ...place.receiver, disabled: null, failures: 0 };
    this.#queued(key);
  }

  remove(key: EndpointKey): void {
    const place = this.of(key);
    place.isGone = true;
    for (const row of place.pending()) {
      Object.assign(row, { state: 'cancelled', nextAt: null });
      row.revision += 1;
    }
    this.#queued(key);
  }

  #queued(key: EndpointKey): void {
    for (const listener of this.#listeners.get(key.id) ?? []) listener();
    const place = this.of(key);
    if (!place.isAsleep) return;
    place.isAsleep = false;
    this.onWake(key);
  }

  // What a turn does.

  async takeTurn(endpoint: EndpointKey): Promise<Turn | null> {
    await this.#reach();
    const place = this.#places.get(endpoint.id);
    if (!place || place.isGone) return null;
    place.isAsleep = false;
    return { endpoint, number: ++place.turn };
  }

  async due(turn: Turn, at: number, limit: number, underWay: readonly string[]): Promise<DuePage> {
    await this.#reach();
    this.looks += 1;
    this.meanwhile('due');
    const place = this.of(turn.endpoint);
    if (place.isGone) return { receiver: null, deliveries: [], nextAt: null };
    this.#fence(turn);
    const { receiver } = place;
    if (receiver.disabled !== null) return { receiver, deliveries: [], nextAt: null };
    const heads = place.heads(new Set(underWay));
    const due = heads.filter(({ nextAt }) => (nextAt ?? 0) <= at);
    const later = heads.map(({ nextAt }) => nextAt ?? 0).filter((nextAt) => nextAt > at);
    return {
      receiver,
      deliveries: shared(due, limit).map(shown),
      nextAt: later.length > 0 ? Math.min(...later) : null,
    };
  }

  async record(turn: Turn, outcomes: readonly Outcome[]): Promise<{ failures: number }> {
    await this.#reach();
    this.meanwhile('record');
    this.#fence(turn);
    if (outcomes.some(this.refuses)) throw new TypeError('a value that no column takes');
    const place = this.of(turn.endpoint);
    let { failures } = place.receiver;
    for (const outcome of outcomes) {
      place.log.push(outcome.attempt);
      settle(this.row(turn.endpoint, outcome.seq), outcome);
      if (outcome.attempt.succeeded) failures = 0;
      else if (outcome.usedUp) failures += 1;
    }
    place.batches.push(outcomes.length);
    place.receiver = { ...place.receiver, failures };
    return { failures };
  }

  async disable(turn: Turn, by: DisabledBy, why: string): Promise<void> {
    await this.#reach();
    this.#fence(turn);
    const place = this.of(turn.endpoint);
    if (place.receiver.disabled !== null) return;
    place.receiver = { ...place.receiver, disabled: by };
    place.notices.push(`disabled by ${by}: ${why}`);
  }

  async warn(turn: Turn, failures: number): Promise<void> {
    await this.#reach();
    this.#fence(turn);
    this.of(turn.endpoint).notices.push(`failing ${failures}`);
  }

  async rest(turn: Turn, at: number): Promise<{ nextAt: number | null; pending: number }> {
    await this.#reach();
    this.meanwhile('rest');
    this.#fence(turn);
    const place = this.of(turn.endpoint);
    const pending = place.pending().length;
    if (place.receiver.disabled !== null) return this.#sleep(place, { nextAt: null, pending });
    const instants = place.heads(new Set()).map(({ nextAt }) => nextAt ?? 0);
    const nextAt = instants.length > 0 ? Math.min(...instants) : null;
    return nextAt !== null && nextAt <= at ? { nextAt, pending } : this.#sleep(place, { nextAt, pending });
  }

  #sleep<T>(place: Place, found: T): T {
    place.isAsleep = true;
    return found;
  }

  async listen({ id }: EndpointKey, queued: () => void): Promise<{ close(): void }> {
    await this.#reach();
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners.add(queued));
    return { close: () => void listeners.delete(queued) };
  }

  /** A call takes a moment, in which others go on. */
  async #reach(): Promise<void> {
    await new Promise(setImmediate);
    if (this.isAway) throw new StoreUnavailable('The store is away.');
  }

  #fence({ endpoint, number }: Turn): void {
    const place = this.of(endpoint);
    if (place.isGone || place.turn !== number) throw new TurnLost(`Turn ${number} is over.`);
  }
}

/** Half of the places for first tries, as far as there are any; what one kind leaves the other takes. */
function shared(due: readonly Row[], limit: number): Row[] {
  const first = due.filter(({ lane }) => lane === 0);
  const others = due.filter(({ lane }) => lane === 1).toSorted((a, b) => (a.nextAt ?? 0) - (b.nextAt ?? 0));
  const kept = first.slice(0, Math.max(Math.ceil(limit / 2), limit - others.length));
  return [...kept, ...others.slice(0, limit - kept.length)];
}

const shown = (row: Row): Due => ({
  seq: String(row.seq),
  messageId: row.messageId,
  eventType: 'test.happened',
  payload: row.payload,
  tries: row.tries,
  firstAt: row.firstAt,
  trigger: row.manual ? 'manual' : 'scheduled',
  once: row.endedAs !== null,
  dueAt: row.nextAt ?? 0,
  createdAt: row.createdAt,
  revision: row.revision,
});

/** What an operator asked meanwhile stands; only that it was delivered is not forgotten by it. */
function settle(row: Row, { then, tries, firstAt, revision }: Outcome): void {
  if (row.revision !== revision) {
    if (row.state === 'pending' && then.state === 'delivered') row.endedAs = 'delivered';
    return;
  }
  const { endedAs } = row;
  Object.assign(row, { tries, firstAt, lane: 1, manual: false, endedAs: null, nextAt: null });
  if (then.state === 'pending') Object.assign(row, { state: 'pending', nextAt: then.nextAt });
  else row.state = then.state === 'failed' && endedAs === 'delivered' ? 'delivered' : then.state;
}
