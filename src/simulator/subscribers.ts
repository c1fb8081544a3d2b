import { setTimeout as delay } from 'node:timers/promises';
import { attemptLine } from './attempt-line.js';
import { type Attempted, AttemptLog } from './attempts.js';
import { createConsole } from './console.js';
import { APPLICATION, type Outbox, type OutboxPlace } from './outbox.js';
import type { Page } from './page.js';

/** Real. */
const LOOK_EVERY_MS = 250;

/** Who receives, and what became of every call, told as it happens. */
export class Subscribers {
  readonly #logs = new Map<string, AttemptLog>();
  readonly #console;
  readonly #taken = new Set<string>();
  #off: ReadonlySet<string> = new Set();

  constructor(
    private readonly outbox: Outbox,
    private readonly place: OutboxPlace,
    private readonly page: Page,
  ) {
    this.#console = createConsole(place.consoleUrl, place.token);
  }

  get count(): number {
    return this.#logs.size;
  }

  /** Whether anybody has answered this message with a 2xx. */
  hasTaken(messageId: string): boolean {
    return this.#taken.has(messageId);
  }

  /** What was sent before, in another run, is not told again. */
  async open(): Promise<void> {
    await this.#meet();
    for (const log of this.#logs.values()) await log.skip();
  }

  async look(stopped: AbortSignal): Promise<void> {
    while (!stopped.aborted) {
      // A console that is away for a moment tells it all the next time.
      await this.#round().catch(() => {});
      await delay(LOOK_EVERY_MS, undefined, { signal: stopped }).catch(() => {});
    }
  }

  async again(messageId: string): Promise<void> {
    for (const id of this.#logs.keys()) await this.outbox.again(messageId, id);
  }

  async #round(): Promise<void> {
    await this.#meet();
    for (const log of this.#logs.values()) for (const attempt of await log.news()) this.#tell(attempt);
  }

  #tell(attempt: Attempted): void {
    this.page.line(attemptLine(attempt, this.page));
    if (attempt.statusText === 'success') this.#taken.add(attempt.msgId);
  }

  async #meet(): Promise<void> {
    const there = await this.outbox.endpoints();
    for (const { id } of there) if (!this.#logs.has(id)) this.#logs.set(id, new AttemptLog(this.#console, id));
    const ids = new Set(there.map(({ id }) => id));
    for (const id of this.#logs.keys()) if (!ids.has(id)) this.#logs.delete(id);
    const off = there.filter(({ disabled }) => disabled);
    for (const { id, url } of off) if (!this.#off.has(id)) this.page.line(this.#sayOff(id, url));
    this.#off = new Set(off.map(({ id }) => id));
  }

  /** Else its owner would wait for what is not sent. */
  #sayOff(id: string, url: string): string {
    const how = `slipway endpoint enable ${id} --app ${APPLICATION} --url ${this.place.consoleUrl}`;
    return this.page.paint('red', `! ${new URL(url).host} is disabled, and gets nothing until \`${how}\`.`);
  }
}
