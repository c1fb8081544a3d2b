import { ApiException, type EndpointOut, Svix } from 'svix';
import { SEED_TYPES } from './event.js';
import type { Message } from './send.js';

/** The application under which the fake Pivotal sends, and its types. */
export const APPLICATION = 'pivotal-simulator';
const TYPES = [...SEED_TYPES, 'onboarding.updated', 'webhook.ping'];

/** There is no sender behind that address, or it does not do what is asked. The message is a sentence for people. */
export class NoOutbox extends Error {
  override readonly name = 'NoOutbox';
}

export interface OutboxPlace {
  readonly consoleUrl: string;
  /** Of an admin; none where the console wants none. */
  readonly token?: string | undefined;
}

/** An endpoint of the fake Pivotal's. */
export interface Receiving {
  readonly id: string;
  readonly url: string;
  /** What it is signed with. */
  readonly secret: string;
}

/** Real. */
const ANSWER_WITHIN_MS = 15_000;

/**
 * What the fake Pivotal tells, handed to a Slipway's own sender through its management API, with the official client: the
 * tries, the waits and the signatures are then the real thing.
 */
export class Outbox {
  readonly #svix: Svix;

  private constructor({ consoleUrl, token = '' }: OutboxPlace) {
    this.#svix = new Svix(token, { serverUrl: consoleUrl, requestTimeout: ANSWER_WITHIN_MS });
  }

  /** Makes application and event types where there are none. Throws `NoOutbox`. */
  static async open(place: OutboxPlace): Promise<Outbox> {
    const outbox = new Outbox(place);
    await saying(place, async () => {
      await outbox.#svix.application.getOrCreate({ name: 'Pivotal, simulated', uid: APPLICATION });
      for (const name of TYPES) await outbox.#describe(name);
    });
    return outbox;
  }

  async #describe(name: string): Promise<void> {
    const description = 'Sent by the simulator, as Pivotal sends it.';
    await unlessThere(() => this.#svix.eventType.create({ name, description }));
  }

  /**
   * The endpoint that is called `uid`, at `url` and enabled; made where there is none. A `secret` that it has not yet signs
   * from now on. Throws `NoOutbox` where the address or the secret is refused.
   */
  receiving(place: OutboxPlace, wanted: { uid: string; url: string; secret?: string }): Promise<Receiving> {
    return saying(place, async () => {
      const { uid, url, secret } = wanted;
      const there = await unlessMissing(() => this.#svix.endpoint.get(APPLICATION, uid));
      const { id } = there
        ? await this.#svix.endpoint.patch(APPLICATION, there.id, { url, disabled: false })
        : await this.#svix.endpoint.create(APPLICATION, { uid, url, ...(secret === undefined ? {} : { secret }) });
      const signing = async () => (await this.#svix.endpoint.getSecret(APPLICATION, id)).key;
      if (secret !== undefined && (await signing()) !== secret)
        await this.#svix.endpoint.rotateSecret(APPLICATION, id, { key: secret });
      return { id, url, secret: secret ?? (await signing()) };
    });
  }

  /** Everybody's, also what others have added meanwhile. */
  async endpoints(): Promise<readonly EndpointOut[]> {
    return (await this.#svix.endpoint.list(APPLICATION, { limit: 250 })).data;
  }

  /**
   * Sends to whoever gets the type, once for the id of the event. Answers the message's id there, and whether the event
   * had been sent before.
   */
  async send({ type: eventType, eventId, body }: Message): Promise<{ readonly id: string; readonly isNew: boolean }> {
    const payload: unknown = JSON.parse(body);
    const made = await unlessThere(() => this.#svix.message.create(APPLICATION, { eventType, eventId, payload }));
    if (made) return { id: made.id, isNew: true };
    return { id: (await this.#svix.message.get(APPLICATION, eventId)).id, isNew: false };
  }

  /** One more attempt, with the same id and bytes. */
  async again(messageId: string, endpointId: string): Promise<void> {
    await this.#svix.messageAttempt.resend(APPLICATION, messageId, endpointId);
  }
}

const codeOf = (error: unknown): number | undefined => (error instanceof ApiException ? error.code : undefined);

/** Undefined where it is there already. */
const unlessThere = <T>(work: () => Promise<T>): Promise<T | undefined> => unless(409, work);
const unlessMissing = <T>(work: () => Promise<T>): Promise<T | undefined> => unless(404, work);

async function unless<T>(code: number, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (codeOf(error) === code) return undefined;
    throw error;
  }
}

async function saying<T>({ consoleUrl }: OutboxPlace, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ApiException)) throw new NoOutbox(`No console answers at ${consoleUrl}.`);
    throw new NoOutbox(`The console at ${consoleUrl} answers ${error.code}: ${detailOf(error.body)}`);
  }
}

/** `{detail}`, of a request that is not valid `{detail: [{msg}]}`; the console's other answers are `{error: {message}}`. */
function detailOf(body: unknown): string {
  const { detail, error } = isRecord(body) ? body : {};
  const [first] = Array.isArray(detail) ? (detail as readonly unknown[]) : [];
  const text = isRecord(first) ? first['msg'] : isRecord(error) ? error['message'] : detail;
  return typeof text === 'string' ? text : 'it is no Slipway that sends webhooks.';
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
