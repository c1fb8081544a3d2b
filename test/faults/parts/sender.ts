import { setTimeout as delay } from 'node:timers/promises';
import { errors, Pool } from 'undici';
import type { Secret } from '../../../src/signature/secret.js';
import { sign } from '../../../src/signature/sign.js';
import { Dice } from '../../../src/simulator/dice.js';
import type { Ledger, Outcome } from './ledger.js';
import type { Message } from './message.js';

export interface TrafficOptions {
  /** Whole addresses of the webhook, one an edge; posts take turns, and a retry goes to the next one. */
  readonly edges: readonly string[];
  /** Asked at each post, so that it can be rotated under way. */
  readonly secret: () => Secret;
  readonly messages: Iterator<Message>;
  readonly ledger: Ledger;
  readonly seed: number;
  readonly ratePerSecond: number;
  /** It ends after so many messages, or after so many seconds, whichever comes first. */
  readonly count?: number;
  readonly seconds?: number;
  /** Share of messages that are posted a second time, at once or up to two seconds later. */
  readonly duplicates?: number;
  /** How far a post may leave its place in the even beat, in beats. */
  readonly jitter?: number;
  /** Keep-alive connections an edge. */
  readonly connections?: number;
  /** From when the post is on the wire; the wait for a connection is the generator's and counts as latency alone. */
  readonly answerWithinMs?: number;
  /** Waits between the tries of one post that got no certain answer. The real sender's reach from 5 s to 10 h. */
  readonly waitsMs?: readonly number[];
}

/** A load under way. */
export interface Traffic {
  /** Every post has ended, the last try of the last retry too. */
  readonly done: Promise<void>;
  /** No new message from now on; what was posted is brought to its end. */
  stop(): Promise<void>;
}

/** About a minute in all: longer than anything that is killed here stays away. */
const WAITS_MS: readonly number[] = [100, 300, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
const LONGEST_NAP_MS = 20;

/**
 * Posts signed messages on a schedule that no answer holds up (an open loop): where the target is slow, posts queue for
 * a connection, and the ledger counts from the scheduled instant.
 */
export function startTraffic(options: TrafficOptions): Traffic {
  const run = new TrafficRun(options);
  const done = run.play();
  return {
    done,
    stop: () => {
      run.isStopped = true;
      return done;
    },
  };
}

class TrafficRun {
  isStopped = false;
  readonly #dice: Dice;
  readonly #pools: readonly { readonly pool: Pool; readonly path: string }[];
  readonly #underWay = new Set<Promise<void>>();
  #turn = 0;

  constructor(private readonly options: TrafficOptions) {
    this.#dice = new Dice(options.seed, 'traffic');
    const { connections = 16, answerWithinMs = 10_000 } = options;
    this.#pools = options.edges.map((edge) => {
      const url = new URL(edge);
      const pool = new Pool(url.origin, {
        connections,
        pipelining: 1,
        headersTimeout: answerWithinMs,
        bodyTimeout: answerWithinMs,
        connect: { timeout: answerWithinMs },
      });
      return { pool, path: url.pathname };
    });
  }

  async play(): Promise<void> {
    const { ratePerSecond, count = Infinity, seconds = Infinity, jitter = 0.5, duplicates = 0.05 } = this.options;
    const from = performance.now();
    const beatMs = 1_000 / ratePerSecond;
    for (let n = 0; n < count; n++) {
      const due = from + (n + this.#dice.next() * jitter) * beatMs;
      if (due - from >= seconds * 1_000) break;
      await this.#until(due);
      if (this.isStopped) break;
      const { value: message, done } = this.options.messages.next();
      if (done) break;
      this.#track(this.#deliver(message, due));
      if (!this.#dice.chance(duplicates)) continue;
      const again = this.#dice.chance(0.5) ? due : due + this.#dice.next() * 2_000;
      this.#track(this.#until(again).then(() => this.#deliver(message, again)));
    }
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    await Promise.all(this.#pools.map(({ pool }) => pool.destroy()));
  }

  #track(work: Promise<void>): void {
    this.#underWay.add(work);
    void work.finally(() => this.#underWay.delete(work));
  }

  async #until(due: number): Promise<void> {
    for (let left = due - performance.now(); left > 0; left = due - performance.now())
      await delay(Math.min(left, LONGEST_NAP_MS));
  }

  /** Tries again under the same id, signed anew each time, as the real sender does. */
  async #deliver(message: Message, scheduledAt: number): Promise<void> {
    const { ledger, waitsMs = WAITS_MS } = this.options;
    let due = scheduledAt;
    for (let tries = 0; ; tries++) {
      const ticket = ledger.post(message, due);
      const outcome = await this.#post(message);
      ledger.settle(ticket, outcome);
      const wait = waitsMs[tries];
      if (outcome.kind !== 'unknown' || wait === undefined) return;
      due = performance.now() + wait;
      await delay(wait);
    }
  }

  async #post({ id, body }: Message): Promise<Outcome> {
    const place = this.#pools[this.#turn++ % this.#pools.length];
    if (!place) throw new RangeError('there is no edge to post to');
    const signature = sign(this.options.secret(), id, Math.floor(Date.now() / 1_000), body);
    try {
      const { statusCode, body: answer } = await place.pool.request({
        path: place.path,
        method: 'POST',
        headers: { 'content-type': 'application/json', ...signature },
        body,
      });
      return read(statusCode, await answer.text());
    } catch (error) {
      return { kind: 'unknown', why: nameOf(error) };
    }
  }
}

/** A 2xx that does not say `received` is none: the words are part of the promise. */
function read(status: number, text: string): Outcome {
  const said = parsed(text);
  if (status === 429 || status === 408 || status >= 500) return { kind: 'unknown', why: String(status) };
  if (status < 200 || status > 299) return { kind: 'rejected', status, code: said.error?.code ?? null };
  if (said.received !== true) return { kind: 'unknown', why: `${status} without "received"` };
  return { kind: 'acked', duplicate: said.duplicate === true, quarantined: said.quarantined !== undefined };
}

interface Said {
  readonly received?: boolean;
  readonly duplicate?: boolean;
  readonly quarantined?: string;
  readonly error?: { readonly code?: string };
}

function parsed(text: string): Said {
  try {
    return JSON.parse(text) as Said;
  } catch {
    return {};
  }
}

function nameOf(error: unknown): string {
  if (error instanceof errors.UndiciError) return error.code;
  const { code, name } = error as NodeJS.ErrnoException;
  return code && typeof code === 'string' ? code : name;
}
