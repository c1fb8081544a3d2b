import { setTimeout as pause } from 'node:timers/promises';
import { Agent } from 'undici';
import { bodyOf } from '../../../src/simulator/event.js';
import { post } from './posts.js';
import { type Forger, spoiledDeliveries } from './spoiled.js';

export interface ForgingOptions {
  readonly url: string;
  readonly forger: Forger;
  readonly seed: number;
  readonly everyMs: number;
  /** Virtual epoch ms: what it says happens now. */
  readonly now: () => number;
}

const ANSWER_WITHIN_MS = 10_000;

/** Somebody who has no secret, or spoils what was signed, and would have onboardings chased if he were believed. */
export class Forging {
  /** Of events that he made. */
  readonly ids = new Set<string>();
  /** What was answered 2xx, in words. */
  readonly believed: string[] = [];
  readonly #agent = new Agent({ headersTimeout: ANSWER_WITHIN_MS, connect: { timeout: ANSWER_WITHIN_MS } });
  readonly #deliveries: ReturnType<typeof spoiledDeliveries>;

  constructor(private readonly options: ForgingOptions) {
    const { seed, forger } = options;
    this.#deliveries = spoiledDeliveries(Infinity, seed, forger, (id) => this.#body(id));
  }

  /** One after the other until it is over. What gets no answer is not tried again. */
  async during(work: Promise<unknown>): Promise<void> {
    const over = work.then(
      () => true,
      () => true,
    );
    do await this.#forge();
    while (!(await Promise.race([over, pause(this.options.everyMs, false)])));
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async #forge(): Promise<void> {
    const next = this.#deliveries.next();
    if (next.done) return;
    const { way, delivered } = next.value;
    const reply = await post(this.options.url, delivered, this.#agent).catch(() => undefined);
    if (reply && reply.status < 300) this.believed.push(`a delivery with ${way} was answered ${reply.status}`);
  }

  #body(id: string): string {
    this.ids.add(id);
    const record = {
      id: `onb_${id}`,
      name: 'Forged',
      phase: 'kickoff',
      state: 'active',
      owner_email: 'mia@vendor.example',
    };
    const event = {
      id,
      type: 'onboarding.at_risk',
      at: this.options.now(),
      org: 'org_forged',
      livemode: true,
    } as const;
    return bodyOf({ ...event, record, previous: null }, 'envelope');
  }
}
