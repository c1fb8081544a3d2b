import type { Waker, WakesWanted } from '../contracts/delivery.js';
import { type EndpointGateway, endpointWorkflowId } from '../contracts/endpoint.js';
import type { Observer } from '../contracts/observer.js';
import type { EndpointKey } from '../contracts/webhooks.js';
import { backoffMs } from './backoff.js';
import { Swept } from './swept.js';

export interface EndpointWakerDeps {
  readonly gateway: EndpointGateway;
  readonly wakes: WakesWanted;
  readonly observer: Observer;
  /** Real epoch ms: what the store's own instants are compared with. */
  readonly now: () => number;
  /** ms, of any origin and never set back, for what is waited for; tests move it. */
  readonly ticks?: () => number;
  /** In [0, 1); spreads the tries of endpoints that failed together. */
  readonly lot: () => number;
}

export interface EndpointWaker extends Waker {
  /** What was to be woken before it is woken now. */
  start(): void;
  /** Wakes whom others were to wake and did not. Never rejects; to be called every few seconds. */
  sweep(): Promise<void>;
  /** Begins no signal any more and waits for those under way; the sweep of another server finds the rest. */
  stop(): Promise<void>;
}

/** Real: an endpoint is signalled once in it at most: at its beginning, and where more came, at its end. */
const QUIET_MS = 50;
const SIGNALS_AT_ONCE = 16;
/** This many failures in a row mean that the server is out: one endpoint at a time asks whether it is back. */
const FAILURES_OF_AN_OUTAGE = 16;
/** An endpoint that fails this often in a row has a fault of its own that somebody should see. */
const FAILURES_TO_REPORT = 5;
/** Real: a wake that is younger is taken to be on its way. */
const OVERDUE_MS = 2_000;

export function createEndpointWaker(deps: EndpointWakerDeps): EndpointWaker {
  return new SignallingWaker(deps);
}

/** An endpoint that was signalled lately, or could not be. */
interface Hold {
  /** It was asked for after its signal began. */
  again: boolean;
  failures: number;
  timer: NodeJS.Timeout | undefined;
}

/** Keeps whom to wake as a set: an endpoint asked for a thousand times while the server is away is signalled once. */
class SignallingWaker implements EndpointWaker {
  /** In the order in which they were asked for. */
  readonly #ready = new Map<string, EndpointKey>();
  readonly #held = new Map<string, Hold>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #swept = new Swept();
  readonly #ticks: () => number;
  #isAwake = false;
  #failuresInARow = 0;

  constructor(private readonly deps: EndpointWakerDeps) {
    this.#ticks = deps.ticks ?? performance.now.bind(performance);
  }

  wake(endpoints: readonly EndpointKey[]): void {
    for (const endpoint of endpoints) {
      const id = endpointWorkflowId(endpoint);
      const hold = this.#held.get(id);
      if (hold) hold.again = true;
      else this.#ready.set(id, endpoint);
    }
    this.#turn();
  }

  start(): void {
    this.#isAwake = true;
    this.#turn();
  }

  async sweep(): Promise<void> {
    const { wakes, observer, now } = this.deps;
    try {
      const waiting = await wakes.wanted(now() - OVERDUE_MS);
      const due = this.#swept.due(waiting.map(endpointWorkflowId), this.#ticks());
      this.wake(waiting.filter((endpoint) => due.has(endpointWorkflowId(endpoint))));
    } catch (error) {
      observer.log('warn', 'endpoints that wait for a wake could not be looked for', { reason: reasonOf(error) });
    }
  }

  async stop(): Promise<void> {
    this.#isAwake = false;
    await Promise.all(this.#underWay);
    for (const hold of this.#held.values()) clearTimeout(hold.timer);
  }

  get #isOutage(): boolean {
    return this.#failuresInARow >= FAILURES_OF_AN_OUTAGE;
  }

  #turn(): void {
    for (const [id, endpoint] of this.#ready) {
      if (!this.#isAwake || this.#underWay.size >= (this.#isOutage ? 1 : SIGNALS_AT_ONCE)) return;
      this.#ready.delete(id);
      const signal = this.#signal(id, endpoint).finally(() => {
        this.#underWay.delete(signal);
        this.#turn();
      });
      this.#underWay.add(signal);
    }
  }

  async #signal(id: string, endpoint: EndpointKey): Promise<void> {
    const { gateway, lot } = this.deps;
    const hold = this.#held.get(id) ?? { again: false, failures: 0, timer: undefined };
    this.#held.set(id, hold);
    hold.again = false;
    const endsAt = this.#ticks() + QUIET_MS;
    try {
      await gateway.wake(endpoint, `Endpoint ${endpoint.id} of ${endpoint.application}`);
      this.#succeeded(hold);
      this.#release(id, endpoint, hold, Math.ceil(endsAt - this.#ticks()));
    } catch (error) {
      this.#failed(endpoint, hold, error);
      this.#release(id, endpoint, hold, backoffMs(hold.failures, lot()));
    }
  }

  #release(id: string, endpoint: EndpointKey, hold: Hold, ms: number): void {
    hold.timer = setTimeout(() => {
      if (!hold.again) this.#held.delete(id);
      else {
        this.#ready.set(id, endpoint);
        this.#turn();
      }
    }, ms);
  }

  #succeeded(hold: Hold): void {
    if (this.#isOutage) this.deps.observer.log('info', 'Temporal answers again; endpoints are woken');
    this.#failuresInARow = 0;
    hold.failures = 0;
  }

  #failed(endpoint: EndpointKey, hold: Hold, error: unknown): void {
    const { observer } = this.deps;
    const reason = reasonOf(error);
    this.#failuresInARow++;
    hold.failures++;
    hold.again = true;
    if (this.#failuresInARow === FAILURES_OF_AN_OUTAGE) {
      observer.log('warn', 'Temporal does not answer; messages are kept, and endpoints woken when it does', { reason });
    } else if (!this.#isOutage && hold.failures === FAILURES_TO_REPORT) {
      observer.log('warn', 'an endpoint cannot be woken', { endpoint: endpoint.id, reason });
    }
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
