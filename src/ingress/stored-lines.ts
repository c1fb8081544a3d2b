import { workflowId } from '../contracts/ids.js';
import type { Arrival } from '../contracts/inbox.js';
import type { Observer } from '../contracts/observer.js';

/** Delivery ids in one line; a line of so many stays below 4 kB. */
const MOST_IN_ONE_LINE = 100;

interface Stored {
  readonly arrival: Arrival;
  readonly duplicate: boolean;
}

/**
 * Tells each stored event by its delivery's id, so that an operator finds it, also while Temporal is away. Events that
 * shared a commit are told in the same turn of the loop: one has a line of its own with all there is to say, several
 * share lines of their ids, since a line each costs the thread that acknowledges 6 µs and more (measured).
 */
export class StoredLines {
  #waiting: Stored[] = [];
  readonly #observer: Observer;

  constructor(observer: Observer) {
    this.#observer = observer;
  }

  tell(arrival: Arrival, duplicate: boolean): void {
    if (this.#waiting.push({ arrival, duplicate }) === 1) setImmediate(() => this.#write());
  }

  #write(): void {
    const stored = this.#waiting;
    this.#waiting = [];
    const [first] = stored;
    if (first && stored.length === 1) return this.#one(first);
    this.#several(
      'events stored',
      stored.filter(({ duplicate }) => !duplicate),
    );
    this.#several(
      'events repeated',
      stored.filter(({ duplicate }) => duplicate),
    );
  }

  #one({ arrival, duplicate }: Stored): void {
    const { deliveryId, eventId, source, type, route, quarantined } = arrival;
    this.#observer.log('info', duplicate ? 'event repeated' : 'event stored', {
      delivery: deliveryId,
      event: eventId,
      source,
      type: type ?? undefined,
      workflow: route && workflowId(route.to, route.key),
      quarantined,
    });
  }

  #several(message: string, stored: readonly Stored[]): void {
    for (let from = 0; from < stored.length; from += MOST_IN_ONE_LINE) {
      const some = stored.slice(from, from + MOST_IN_ONE_LINE);
      const deliveries = some.map(({ arrival }) => arrival.deliveryId).join(' ');
      this.#observer.log('info', message, { events: some.length, deliveries });
    }
  }
}
