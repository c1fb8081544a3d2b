import { MessageStatus, Svix } from 'svix';
import { OWN_APPLICATIONS } from '../../../src/contracts/webhooks.js';
import { Subscriber } from './subscriber.js';

/** A message as Slipway lists it. */
export interface Listed {
  readonly type: string;
  readonly eventId: string | null;
}

/** What Slipway says that it told, and what came of it. */
export interface Told {
  /** By message id. */
  readonly listed: ReadonlyMap<string, Listed>;
  /** Attempts of each message that the log calls successful. */
  readonly succeeded: ReadonlyMap<string, number>;
  /** How often each message came. */
  readonly came: ReadonlyMap<string, number>;
  /** What came and did not verify. */
  readonly forged: readonly string[];
}

const LIVE = OWN_APPLICATIONS.live.uid;
const PAGE = 250;
const SECRET = `whsec_${Buffer.from('a secret of the fault harness: told').toString('base64')}`;

/** Somebody who subscribes to all that Slipway tells of live onboardings, and asks for its log through the `svix` client. */
export class Subscription {
  private constructor(
    private readonly svix: Svix,
    private readonly endpoint: string,
    private readonly subscriber: Subscriber,
  ) {}

  static async open(console: string, token: string): Promise<Subscription> {
    const subscriber = await Subscriber.open();
    const svix = new Svix(token, { serverUrl: console });
    // Known before the ping comes that the endpoint is made with.
    subscriber.secret = SECRET;
    const { id } = await svix.endpoint.create(LIVE, { url: `http://127.0.0.1:${subscriber.port}/`, secret: SECRET });
    return new Subscription(svix, id, subscriber);
  }

  /** Deliveries that are still to come. */
  async pending(): Promise<number> {
    const { pending, sending } = await this.svix.endpoint.getStats(LIVE, this.endpoint);
    return pending + sending;
  }

  async look(): Promise<Told> {
    const listed = new Map<string, Listed>();
    for await (const { id, eventType, eventId } of pages((iterator) => this.#messages(iterator)))
      listed.set(id, { type: eventType, eventId: eventId ?? null });
    const succeeded = new Map<string, number>();
    for await (const { msgId } of pages((iterator) => this.#successes(iterator)))
      succeeded.set(msgId, (succeeded.get(msgId) ?? 0) + 1);
    const { came, forged } = this.subscriber;
    return { listed, succeeded, came, forged };
  }

  close(): Promise<void> {
    return this.subscriber.close();
  }

  #messages(iterator: string | null) {
    return this.svix.message.list(LIVE, { limit: PAGE, withContent: false, ...from(iterator) });
  }

  #successes(iterator: string | null) {
    const which = { limit: PAGE, status: MessageStatus.Success, withContent: false, ...from(iterator) };
    return this.svix.messageAttempt.listByEndpoint(LIVE, this.endpoint, which);
  }
}

const from = (iterator: string | null) => (iterator === null ? {} : { iterator });

interface Page<Item> {
  readonly data: readonly Item[];
  readonly done: boolean;
  readonly iterator: string | null;
}

async function* pages<Item>(page: (iterator: string | null) => Promise<Page<Item>>): AsyncGenerator<Item> {
  for (let iterator: string | null = null; ; ) {
    const { data, done, iterator: next } = await page(iterator);
    yield* data;
    if (done) return;
    iterator = next;
  }
}
