import type { Agenda } from './agenda.js';
import { Books } from './books.js';
import { bodyOf, type Dialect, type SentEvent } from './event.js';
import type { Scenario } from './scenario.js';
import { type Answered, type Message, messageId, type Sender } from './send.js';
import type { Forgery, Step } from './step.js';
import { emptyTally, type Tally } from './tally.js';

/** Whom the fake Pivotal tells what it did. */
export interface Audience {
  /** The receiver has the event. Called once an event, whatever repeats follow. */
  took?(event: SentEvent): void;
  repeated?(tally: Tally, at: number): void;
  turnedAway?(forgery: Forgery, answer: Answered, at: number): void;
}

export interface PivotalDeps {
  readonly scenario: Scenario;
  readonly sender: Sender;
  readonly agenda: Agenda;
  readonly livemode: boolean;
  readonly audience: Audience;
}

/** The fake Pivotal: keeps the records, and tells of each change over HTTP, late, twice or in disorder as planned. */
export class Pivotal {
  readonly tally: Tally = emptyTally();
  readonly #books: Books;

  constructor(private readonly deps: PivotalDeps) {
    this.#books = new Books(deps.scenario.org, deps.livemode);
    for (const step of deps.scenario.steps) this.schedule(step);
    for (const forgery of deps.scenario.forgeries)
      deps.agenda.add({ at: forgery.at, run: (at) => this.#forge(forgery, at) });
  }

  schedule(step: Step): void {
    const { at, life, fixed } = step;
    this.deps.agenda.add({ at, ...(life === null ? {} : { life }), fixed, run: (when) => this.#happen(step, when) });
  }

  /** It happens now: the record changes at once, the delivery may be under way for a while. */
  async #happen(step: Step, at: number): Promise<void> {
    const event = this.#books.enter(step, at);
    const message = messageOf(event, step.dialect);
    this.tally.events++;
    for (const repeat of step.repeats)
      this.deps.agenda.add({ at: at + step.delayMs + repeat, run: (when) => this.#repeat(event, message, when) });
    if (step.delayMs === 0) return this.#first(event, message);
    this.tally.late++;
    this.deps.agenda.add({ at: at + step.delayMs, run: () => this.#first(event, message) });
  }

  async #first(event: SentEvent, message: Message): Promise<void> {
    if (await this.#delivered(event, message)) this.deps.audience.took?.(event);
  }

  async #repeat(event: SentEvent, message: Message, at: number): Promise<void> {
    if (await this.#delivered(event, message)) this.deps.audience.repeated?.(this.tally, at);
  }

  async #delivered(event: SentEvent, message: Message): Promise<boolean> {
    const answer = await this.deps.sender.deliver(message);
    this.tally.retries += answer.tries - 1;
    if (answer.status < 200 || answer.status > 299 || answer.quarantined) {
      const what =
        answer.status === 0 ? 'was not answered' : `was answered ${answer.status} ${answer.code ?? ''}`.trim();
      this.tally.failures.push(`${event.type} ${event.id} ${answer.quarantined ? 'was not understood' : what}.`);
      return false;
    }
    this.tally.acknowledged++;
    if (answer.duplicate) this.tally.duplicates++;
    return true;
  }

  /** A lie that would matter if it were believed: the onboarding is done. */
  async #forge(forgery: Forgery, at: number): Promise<void> {
    const record = this.#books.record(forgery.life) ?? { id: forgery.life };
    const lie: SentEvent = {
      id: `evt_forged_${++this.tally.forged}`,
      type: 'onboarding.completed',
      at,
      org: this.deps.scenario.org,
      livemode: this.deps.livemode,
      record: { ...record, state: 'completed' },
      previous: null,
    };
    const answer = await this.deps.sender.forge(forgery.kind, messageOf(lie, 'envelope'));
    if (answer.status === 401) {
      this.tally.turnedAway++;
      this.deps.audience.turnedAway?.(forgery, answer, at);
    } else this.tally.failures.push(`A forged event (${forgery.kind}) was answered ${answer.status}, not 401.`);
  }
}

const messageOf = (event: SentEvent, dialect: Dialect): Message => ({
  id: messageId(),
  type: event.type,
  eventId: event.id,
  body: bodyOf(event, dialect),
});
