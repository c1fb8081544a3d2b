import type pg from 'pg';
import type { Observer } from '../../contracts/observer.js';
import { reaching } from '../unavailable.js';
import { hangUp, openEar } from './ear.js';

/** ms. */
const AGAIN_AFTER_MS = 500;

/**
 * Hears of deliveries that any server queued, over one connection for everybody who listens; it is opened by the first of
 * them and kept. When it breaks everybody is told once, since nobody hears anything until there is another one, and once
 * more when there is: what was queued in between was not heard.
 */
export class QueueListener {
  readonly #url: string;
  readonly #observer: Observer;
  readonly #listeners = new Map<string, Set<() => void>>();
  #connection: Promise<pg.Client> | undefined;
  #again: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(url: string, observer: Observer) {
    this.#url = url;
    this.#observer = observer;
  }

  /** Resolves once it hears. Throws `StoreUnavailable`. */
  async listen(endpointId: string, queued: () => void): Promise<{ close(): void }> {
    const theirs = this.#listeners.get(endpointId) ?? new Set();
    this.#listeners.set(endpointId, theirs.add(queued));
    const close = () => {
      theirs.delete(queued);
      if (theirs.size === 0 && this.#listeners.get(endpointId) === theirs) this.#listeners.delete(endpointId);
    };
    try {
      await reaching(() => this.#connected());
      return { close };
    } catch (error) {
      close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#again);
    const client = await this.#connection?.catch(() => undefined);
    if (client) await hangUp(client);
  }

  #connected(): Promise<pg.Client> {
    if (this.#isClosed) return Promise.reject(new Error('The store is closing.'));
    this.#connection ??= this.#open();
    return this.#connection;
  }

  async #open(): Promise<pg.Client> {
    try {
      return await openEar(this.#url, {
        heard: (endpointId) => this.#tell(this.#listeners.get(endpointId) ?? []),
        ended: (reason) => this.#broke(reason),
      });
    } catch (error) {
      this.#connection = undefined;
      throw error;
    }
  }

  #broke(reason: string): void {
    this.#connection = undefined;
    if (this.#isClosed) return;
    this.#observer.log('warn', 'queued deliveries cannot be heard of for a moment; endpoints look by themselves', {
      reason,
    });
    this.#tellAll();
    this.#reconnect();
  }

  /** Whoever closes waits for a try under way: one that fails after that must not be the beginning of another. */
  #reconnect(): void {
    if (this.#isClosed) return;
    this.#again = setTimeout(() => {
      if (this.#listeners.size === 0) return;
      this.#connected().then(
        () => this.#tellAll(),
        () => this.#reconnect(),
      );
    }, AGAIN_AFTER_MS);
  }

  #tellAll(): void {
    for (const theirs of this.#listeners.values()) this.#tell(theirs);
  }

  #tell(listeners: Iterable<() => void>): void {
    for (const queued of listeners) queued();
  }
}
