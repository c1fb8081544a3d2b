import type { Observer } from '../contracts/observer.js';

const EVERY_MS = 1_000;

/**
 * Tells what was refused because more arrives than can be taken: a line a second with their number. A line each would
 * cost the thread that acknowledges more than all else about a refusal.
 */
export class ShedLines {
  readonly #observer: Observer;
  readonly #message: string;
  #shed = new Map<string, number>();

  constructor(observer: Observer, message: string) {
    this.#observer = observer;
    this.#message = message;
  }

  tell(source: string): void {
    if (this.#shed.size === 0) setTimeout(() => this.#write(), EVERY_MS).unref();
    this.#shed.set(source, (this.#shed.get(source) ?? 0) + 1);
  }

  #write(): void {
    const shed = this.#shed;
    this.#shed = new Map();
    for (const [source, events] of shed) {
      this.#observer.log('error', this.#message, { source, events });
    }
  }
}
