import { createOutbound } from '../../src/outbound/post.js';
import { createSigner } from '../../src/outbound/signer.js';
import type { Attempt, Endpoint, Message } from '../../src/contracts/webhooks.js';
import { type Served, serve } from '../api/served.js';
import { NOW } from '../api/views.js';
import { World } from '../api/world.js';

/** Real ms between a try that failed and the next: a test does not wait for five seconds. */
const WAIT_MS = 30;

/**
 * A Slipway's console with a sender behind it: the console's own calls over a store in memory, real signatures and real
 * posts, and tries so close together that a test can wait for them.
 */
export class OwnSender {
  readonly world = new World();
  readonly #outbound = createOutbound({ allowPrivate: true });
  readonly #under = new Set<Promise<void>>();
  /** Tries of a delivery, the first included. */
  tries = 4;
  url = '';
  #api: Served | undefined;
  #made = 0;

  static async open(token?: string): Promise<OwnSender> {
    const own = new OwnSender();
    const { webhooks } = own.world;
    const deps = own.world.deps({
      ...(token === undefined ? {} : { token }),
      webhooks: {
        ...membersOf(webhooks),
        messages: { ...webhooks.messages, create: async (ref, message) => own.#send(ref, message) },
        recovery: { ...webhooks.recovery, resend: async (key, id) => own.#again(key.id, id) },
      },
    });
    own.#api = await serve(deps);
    own.url = own.#api.url;
    return own;
  }

  /** Every delivery has been made, or given up. */
  async settled(): Promise<void> {
    await Promise.all(this.#under);
  }

  async close(): Promise<void> {
    await this.settled();
    await this.#api?.close();
    await this.#outbound.close();
  }

  get attempts(): readonly Attempt[] {
    return this.world.webhooks.tried;
  }

  async #send(...[ref, message]: Parameters<World['webhooks']['messages']['create']>) {
    const { webhooks } = this.world;
    const created = await webhooks.messages.create(ref, message);
    if (created.outcome !== 'created') return created;
    const wanting = webhooks.made.filter(
      (one) => one.application === created.message.application && one.disabled === null,
    );
    for (const endpoint of wanting) this.#start(this.#deliver(endpoint, created.message, 'scheduled'));
    return created;
  }

  async #again(endpointId: string, messageId: string): Promise<boolean> {
    const endpoint = this.world.webhooks.made.find(({ id }) => id === endpointId);
    const message = this.world.webhooks.sent.find(({ id }) => id === messageId);
    if (!endpoint || !message) return false;
    this.#start(this.#deliver(endpoint, message, 'manual'));
    return true;
  }

  #start(work: Promise<void>): void {
    const under = work.finally(() => this.#under.delete(under));
    this.#under.add(under);
  }

  async #deliver(endpoint: Endpoint, message: Message, trigger: Attempt['trigger']): Promise<void> {
    const sign = createSigner(this.world.webhooks.secrets.get(endpoint.id) ?? '');
    for (let left = trigger === 'manual' ? 0 : this.tries - 1; ; left--) {
      const headers = sign(message.id, Math.floor(Date.now() / 1000), message.payload);
      const result = await this.#outbound.post({ url: endpoint.url, headers: { ...headers }, body: message.payload });
      const succeeded = result.answered && result.status >= 200 && result.status < 300;
      this.world.webhooks.tried.push({
        id: `atmpt_${++this.#made}`,
        messageId: message.id,
        endpointId: endpoint.id,
        eventType: message.eventType,
        at: NOW + this.#made,
        trigger,
        succeeded,
        url: endpoint.url,
        status: result.answered ? result.status : 0,
        response: result.answered ? result.body : result.message,
        requestHeaders: {},
        responseHeaders: {},
        ms: result.ms,
        address: null,
        nextAt: succeeded || left === 0 ? null : NOW + this.#made + WAIT_MS,
      });
      if (succeeded || left === 0) return;
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    }
  }
}

const membersOf = ({ applications, eventTypes, endpoints, attempts }: World['webhooks']) => ({
  applications,
  eventTypes,
  endpoints,
  attempts,
});
