import { setTimeout as delay } from 'node:timers/promises';
import { type Attempted, AttemptLog } from './attempts.js';
import type { Console } from './console.js';
import { Outbox, type OutboxPlace, type Receiving } from './outbox.js';
import { type Answered, type Message, readAnswer, type Sender } from './send.js';

/** The receiver of the simulator's own events: a Slipway's edge, as its own sender knows it. */
export const OWN_INGRESS = 'own-ingress';

export interface CarrierOptions extends OutboxPlace {
  readonly console: Pick<Console, 'get'>;
  /** Of the edge. */
  readonly url: string;
  readonly secret: string;
  /** Posts forgeries, which no real sender would. */
  readonly direct: Pick<Sender, 'forge'>;
  /** Nobody waits for an answer any longer. */
  readonly stopped: AbortSignal;
}

export interface Carrier extends Sender {
  /** Stops looking at the log. */
  close(): Promise<void>;
}

/** Real. */
const LOOK_EVERY_MS = 150;
/** Real. A real sender goes on for a day; a story of a minute waits for the second try, which comes after five seconds. */
const PATIENCE_MS = 30_000;

/**
 * Has the Slipway that is told of the events send them itself, as messages, and sees in its log how each was answered.
 * Throws `NoOutbox` where it does not.
 */
export async function openCarrier(options: CarrierOptions): Promise<Carrier> {
  const { consoleUrl, token, url, secret, direct, stopped } = options;
  const place = { consoleUrl, token };
  const outbox = await Outbox.open(place);
  const endpoint = await outbox.receiving(place, { uid: OWN_INGRESS, url, secret });
  const log = new AttemptLog(options.console, endpoint.id);
  await log.skip();
  const rounds = new Rounds();
  const closing = new AbortController();
  const looking = look(log, rounds, closing.signal);
  const carried = new Map<string, Promise<Carried>>();
  return {
    deliver: async (message) => {
      const next = carry(message, carried.get(message.id), { outbox, endpoint, rounds, stopped });
      carried.set(message.id, next);
      return (await next).answer;
    },
    forge: (kind, message) => direct.forge(kind, message),
    close: async () => {
      closing.abort();
      await looking;
    },
  };
}

async function look(log: AttemptLog, rounds: Rounds, closing: AbortSignal): Promise<void> {
  while (!closing.aborted) {
    // A console that is away for a moment tells it all the next time.
    const news = await log.news().catch((): readonly Attempted[] => []);
    for (const attempt of news) rounds.heard(attempt);
    await delay(LOOK_EVERY_MS, undefined, { signal: closing }).catch(() => {});
  }
}

interface Means {
  readonly outbox: Outbox;
  readonly endpoint: Receiving;
  readonly rounds: Rounds;
  readonly stopped: AbortSignal;
}

interface Carried {
  /** Null where none could be made. */
  readonly messageId: string | null;
  readonly answer: Answered;
}

const NOTHING: Answered = { status: 0, duplicate: false, quarantined: false, code: null, tries: 1 };

/** The first time a message is made; a repeat of it is a resend, once it is known what became of the time before. */
async function carry(message: Message, former: Promise<Carried> | undefined, means: Means): Promise<Carried> {
  const { outbox, endpoint, rounds, stopped } = means;
  const before = (await former)?.messageId ?? null;
  try {
    const made = before === null ? await outbox.send(message) : { id: before, isNew: false };
    const round = rounds.begin(made.id);
    if (!made.isNew) await outbox.again(made.id, endpoint.id);
    return { messageId: made.id, answer: (await round.within(PATIENCE_MS, stopped)) ?? NOTHING };
  } catch {
    return { messageId: before, answer: NOTHING };
  }
}

/** The tries of one delivery, until one succeeds or there is to be no other. */
class Round {
  readonly #ended = new AbortController();
  #last: Answered | undefined;

  /** True where it was the last one. */
  take({ responseStatusCode: status, response, statusText, nextAttempt }: Attempted): boolean {
    this.#last = { ...readAnswer(response), status, tries: (this.#last?.tries ?? 0) + 1 };
    const isOver = statusText === 'success' || nextAttempt === null;
    if (isOver) this.#ended.abort();
    return isOver;
  }

  /** How the last try was answered, once the round is over or nobody waits any longer. */
  async within(ms: number, stopped: AbortSignal): Promise<Answered | undefined> {
    const signal = AbortSignal.any([this.#ended.signal, stopped]);
    await delay(ms, undefined, { signal }).catch(() => {});
    return this.#last;
  }
}

/** Which delivery an attempt is of. One may be made before it is known here under which id. */
class Rounds {
  readonly #open = new Map<string, Round>();
  readonly #early = new Map<string, Attempted[]>();

  begin(messageId: string): Round {
    const round = new Round();
    this.#open.set(messageId, round);
    const early = this.#early.get(messageId) ?? [];
    this.#early.delete(messageId);
    for (const attempt of early) this.heard(attempt);
    return round;
  }

  heard(attempt: Attempted): void {
    const { msgId } = attempt;
    const round = this.#open.get(msgId);
    if (!round) this.#early.set(msgId, [...(this.#early.get(msgId) ?? []), attempt]);
    else if (round.take(attempt)) this.#open.delete(msgId);
  }
}
