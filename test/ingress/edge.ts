import { randomUUID } from 'node:crypto';
import { afterEach } from 'vitest';
import {
  type Accepted,
  type Arrival,
  type Inbox,
  type PendingRow,
  type Rejection,
  StoreUnavailable,
} from '../../src/contracts/inbox.js';
import { SILENT, type CounterName } from '../../src/contracts/observer.js';
import { type Clock, REAL_CLOCK } from '../../src/domain/time/clock.js';
import { createIngress, type IngressDeps } from '../../src/ingress/app.js';
import type { IngressSource } from '../../src/ingress/receive.js';
import { type Listener, listen } from '../../src/ingress/listen.js';
import { parseSecrets, type Secret } from '../../src/signature/secret.js';
import { sign } from '../../src/signature/sign.js';

const text = (name: string): string => `whsec_${Buffer.from(name.padEnd(24, '-')).toString('base64')}`;
const [current, old, sandbox] = parseSecrets(`current=${text('now')} old=${text('old')} sandbox=${text('box')}`);
if (!current || !old || !sandbox) throw new Error('three secrets');
export const SECRETS = { current, old, sandbox };

/** The inbox in memory: what the store promises, without a store. */
export class MemoryInbox implements Pick<Inbox, 'accept' | 'isFull'> {
  readonly arrivals: Arrival[] = [];
  readonly #seqs = new Map<string, string>();
  /** `down`: nothing can be written. `silent`: it never answers. `lost`: it is written, but the answer is lost. `full`: more arrives than can be written. */
  trouble: 'none' | 'down' | 'silent' | 'lost' | 'full' = 'none';
  /** Whether rows found again count as not signalled yet. */
  waiting = false;
  asked = 0;

  isFull(): boolean {
    return this.trouble === 'full';
  }

  async accept(arrival: Arrival): Promise<Accepted> {
    this.asked++;
    if (this.trouble === 'silent') return new Promise(() => {});
    if (this.trouble === 'down') throw new StoreUnavailable('out of order');
    const identity = JSON.stringify([arrival.source, arrival.eventId, arrival.body.toString('base64')]);
    const known = this.#seqs.get(identity);
    if (known) return { seq: known, duplicate: true, ...this.#waitingOf(known) };
    this.arrivals.push(arrival);
    this.#seqs.set(identity, String(this.arrivals.length));
    if (this.trouble === 'lost') throw new StoreUnavailable('connection reset');
    return { seq: String(this.arrivals.length), duplicate: false };
  }

  #waitingOf(seq: string): Pick<Accepted, 'waiting'> {
    const { route, receivedAt, deliveryId } = this.arrivals[Number(seq) - 1] as Arrival;
    return this.waiting && route ? { waiting: { seq, deliveryId, receivedAt, type: route.to, route } } : {};
  }
}

const SOURCES: readonly IngressSource[] = [
  {
    name: 'pivotal',
    mode: 'live',
    workspace: 'main',
    secretEnv: 'A',
    toleranceMs: 300_000,
    secrets: [current, old],
  },
  { name: 'sandbox', mode: 'test', workspace: 'main', secretEnv: 'B', toleranceMs: 300_000, secrets: [sandbox] },
];

export class Edge {
  readonly inbox = new MemoryInbox();
  readonly rejections: Rejection[] = [];
  readonly offered: PendingRow[] = [];
  shed = 0;
  readonly counts = new Map<string, number>();
  readonly logged: string[] = [];
  now: () => number = Date.now;
  readonly listener: Listener;

  private constructor(listener: Listener) {
    this.listener = listener;
  }

  static async open(overrides: Partial<IngressDeps> = {}, clock: Clock = REAL_CLOCK): Promise<Edge> {
    const late: { edge?: Edge } = {};
    const edge = (): Edge => late.edge as Edge;
    const app = createIngress({
      source: (name) => SOURCES.find((source) => source.name === name),
      inbox: { accept: (arrival) => edge().inbox.accept(arrival), isFull: () => edge().inbox.isFull() },
      rejections: { record: (rejection) => void edge().rejections.push(rejection) },
      observer: {
        ...SILENT,
        log: (level, message, fields) => void edge().logged.push(`${level} ${message} ${JSON.stringify(fields)}`),
        count: (metric, labels) => edge().#count(metric, labels),
      },
      clock,
      now: () => edge().now(),
      trustedProxies: 0,
      onAccepted: (row) => void edge().offered.push(row),
      onShed: () => void edge().shed++,
      ready: async () => ({ ready: true, checks: { store: 'ok', migrations: 'ok', temporal: 'ok' } }),
      ...overrides,
    });
    late.edge = new Edge(await listen(app, 0, '127.0.0.1'));
    open.push(late.edge);
    return late.edge;
  }

  #count(metric: CounterName, labels: Readonly<Record<string, string>> = {}): void {
    const name = `${metric} ${Object.values(labels).join(' ')}`;
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  get url(): string {
    return `http://127.0.0.1:${this.listener.port}`;
  }

  /** Posts a body as the sender would: signed now, with an id of its own. */
  async post(body: unknown, options: PostOptions = {}): Promise<Answered> {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    const { path = '/webhooks/pivotal', at = Math.floor(this.now() / 1000), headers = {} } = options;
    const id = options.id ?? `msg_${randomUUID()}`;
    const signed = sign(options.secret ?? SECRETS.current, id, at, options.signedBody ?? bytes);
    const all: Record<string, string> = { 'content-type': 'application/json', ...signed };
    for (const [name, value] of Object.entries(headers)) {
      if (value === null) delete all[name];
      else all[name] = value;
    }
    const response = await fetch(this.url + path, { method: 'POST', headers: all, body: new Uint8Array(bytes) });
    return { status: response.status, headers: response.headers, json: (await response.json()) as Answered['json'] };
  }
}

export interface PostOptions {
  readonly path?: string;
  readonly id?: string;
  readonly at?: number;
  readonly secret?: Secret;
  readonly signedBody?: Buffer;
  /** `null` takes a header away. */
  readonly headers?: Readonly<Record<string, string | null>>;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly json: {
    readonly received?: boolean;
    readonly id?: string;
    readonly duplicate?: boolean;
    readonly quarantined?: string;
    readonly error?: { readonly type: string; readonly code: string; readonly message: string };
  };
}

const open: Edge[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((edge) => edge.listener.close()));
});

/** An event in the dialect of the envelope page. */
export function moved(id: string, onboarding = 'onb_1', createdAt = '2026-11-02T09:15:30.250Z'): object {
  return {
    id,
    type: 'onboarding.phase_changed',
    created_at: createdAt,
    org_id: 'org_1',
    livemode: true,
    data: {
      object: { id: onboarding, phase: 'integration', state: 'active', name: 'Borealis · EU' },
      previous_attributes: { phase: 'kickoff' },
    },
  };
}
