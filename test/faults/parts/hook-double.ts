import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { EscalationSchema, OnboardingSchema } from '../../../src/contracts/api.js';
import { parseSecrets, type Secret } from '../../../src/signature/secret.js';
import { verify } from '../../../src/signature/verify.js';
import { Dice } from '../../../src/simulator/dice.js';

/** What the receiver does instead of answering 200. */
export type Trouble =
  /** Takes the message and drops the connection before a word of the answer. */
  | { readonly kind: 'lose_reply' }
  | { readonly kind: 'rate_limited'; readonly retryAfterSeconds: number }
  | { readonly kind: 'error'; readonly status: number }
  /** Takes nothing, says nothing, and keeps the connection. */
  | { readonly kind: 'hang' }
  /** Takes nothing and drops the connection. */
  | { readonly kind: 'drop' };

/** Where a message meets trouble: always, or with a chance that the seed decides. */
export interface TroublePlan {
  readonly trouble: Trouble;
  readonly chance?: number;
  /** It passes after so many messages. */
  readonly times?: number;
}

/** What was taken under one `webhook-id`. A receiver that honours the id acts on the first alone. */
export interface Taken {
  readonly id: string;
  readonly type: string;
  readonly escalation: string;
  readonly onboarding: string;
  readonly level: number;
  readonly recipient: string;
  readonly channel: string;
  /** In order; more than one where it came again. */
  readonly arrivals: Arrival[];
}

export interface Arrival {
  /** Real epoch ms. */
  readonly at: number;
  /** The receiver itself dropped the connection before a word of the answer. */
  readonly isReplyLost: boolean;
}

const Told = z.strictObject({
  type: z.enum(['escalation.notified', 'escalation.acknowledged', 'escalation.snoozed', 'escalation.resolved']),
  timestamp: z.iso.datetime(),
  data: z.strictObject({
    escalation: EscalationSchema,
    onboarding: OnboardingSchema,
    level: z.int().min(1),
    fallback: z.boolean(),
    recipient: z.strictObject({ id: z.string().min(1), name: z.string().min(1) }),
    channel: z.string().min(1),
    text: z.string().min(1),
    actions: z.record(z.string(), z.url()).exactOptional(),
  }),
});

const PATH = '/hook';
const TOLERANCE_MS = 300_000;
const MOST_BYTES = 1_000_000;

export interface HookDoubleOptions {
  readonly secret: string;
  readonly seed?: number;
  /** 0 takes any free one. */
  readonly port?: number;
}

/**
 * Somebody else's receiver of the `webhook` channel. It speaks Standard Webhooks and is surprised by everything that its
 * page does not promise: an unknown path, method, signature, type, shape, or another message under an id it has seen. A
 * test that uses it must end with `surprises` empty.
 */
export class HookDouble {
  readonly surprises: string[] = [];
  readonly taken = new Map<string, Taken>();
  /** Messages that were asked for and not taken, by the trouble they met. */
  readonly refused: Record<string, number> = {};
  plan: TroublePlan | null = null;
  /** It was in trouble at some time. */
  wasTroubled = false;
  readonly #secrets: readonly Secret[];
  readonly #dice: Dice;
  readonly #server = createServer((request, response) => {
    this.#hear(request, response).catch((error: unknown) => {
      this.surprises.push(`a request broke off: ${String(error)}`);
      response.destroy();
    });
  });
  #met = 0;

  private constructor(options: HookDoubleOptions) {
    this.#secrets = parseSecrets(options.secret);
    this.#dice = new Dice(options.seed ?? 1, 'hook double');
  }

  static async open(options: HookDoubleOptions): Promise<HookDouble> {
    const double = new HookDouble(options);
    await new Promise<void>((resolve, reject) => {
      double.#server.once('error', reject);
      double.#server.listen(options.port ?? 0, '127.0.0.1', resolve);
    });
    return double;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${PATH}`;
  }

  /** Repeats over all messages: what a receiver that does not honour the id would act on twice. */
  get repeats(): number {
    return [...this.taken.values()].reduce((sum, one) => sum + one.arrivals.length - 1, 0);
  }

  /** From now on; null: all is well again. */
  trouble(plan: TroublePlan | null): void {
    this.plan = plan;
    this.wasTroubled ||= plan !== null;
    this.#met = 0;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #hear(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const trouble = this.#next();
    if (trouble?.kind === 'drop' || trouble?.kind === 'hang') {
      this.#refuse(trouble.kind);
      if (trouble.kind === 'drop') request.socket.destroy();
      return;
    }
    const body = await bodyOf(request);
    if (body === null) return;
    if (trouble?.kind === 'rate_limited' || trouble?.kind === 'error') {
      this.#refuse(trouble.kind);
      if (trouble.kind === 'error') return answer(response, trouble.status);
      return answer(response, 429, { 'retry-after': String(trouble.retryAfterSeconds) });
    }
    const surprise = this.#take(request, body, trouble?.kind === 'lose_reply');
    if (surprise !== null) {
      this.surprises.push(surprise);
      return answer(response, 400);
    }
    if (trouble?.kind === 'lose_reply') request.socket.destroy();
    else answer(response, 200);
  }

  /** Null where all is as promised. */
  #take({ method, url, headers }: IncomingMessage, body: Buffer, isReplyLost: boolean): string | null {
    if (method !== 'POST' || url !== PATH) return `${method} ${url} is none of this receiver's`;
    const trust = { secrets: this.#secrets, now: Date.now(), toleranceMs: TOLERANCE_MS };
    const verdict = verify({ headers, body }, trust);
    if (!verdict.verified) return `a message was signed wrongly: ${verdict.reason}`;
    const told = Told.safeParse(jsonOf(body));
    if (!told.success) return `a message has an unknown shape: ${z.prettifyError(told.error).slice(0, 500)}`;
    return this.#enter(verdict.deliveryId, told.data, isReplyLost);
  }

  #enter(id: string, told: z.infer<typeof Told>, isReplyLost: boolean): string | null {
    const { escalation, onboarding, level, recipient, channel } = told.data;
    const facts = {
      type: told.type,
      escalation: escalation.id,
      onboarding: onboarding.id,
      level,
      recipient: recipient.id,
      channel,
    };
    const known = this.taken.get(id);
    const arrival = { at: Date.now(), isReplyLost };
    if (!known) {
      this.taken.set(id, { id, ...facts, arrivals: [arrival] });
      return null;
    }
    known.arrivals.push(arrival);
    const differs = Object.entries(facts).filter(([field, value]) => known[field as keyof typeof facts] !== value);
    return differs.length === 0 ? null : `${id} came again with another ${differs.map(([field]) => field).join(', ')}`;
  }

  #next(): Trouble | null {
    const { plan } = this;
    if (!plan || (plan.times !== undefined && this.#met >= plan.times)) return null;
    if (plan.chance !== undefined && !this.#dice.chance(plan.chance)) return null;
    this.#met++;
    return plan.trouble;
  }

  #refuse(kind: string): void {
    this.refused[kind] = (this.refused[kind] ?? 0) + 1;
  }
}

/** Null where the sender was cut off in the middle: nothing was taken then. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request) {
      bytes += (chunk as Buffer).length;
      if (bytes <= MOST_BYTES) chunks.push(chunk as Buffer);
    }
    return Buffer.concat(chunks);
  } catch {
    return null;
  }
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function answer(response: ServerResponse, status: number, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end('{}');
}
