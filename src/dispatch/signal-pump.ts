import type { PendingRow } from '../contracts/inbox.js';
import type { Observer, Span } from '../contracts/observer.js';
import { backoffMs } from './backoff.js';
import { SignalBudget } from './budget.js';
import { type DeliverDeps, type Delivered, deliver } from './deliver.js';
import type { Lane, Pending } from './pending.js';

export interface SignalPumpDeps extends DeliverDeps {
  readonly observer: Observer;
  /** Real epoch ms: what is stored or shown. */
  readonly now: () => number;
  /** ms, of any origin and never set back, for what is waited for; tests move it. */
  readonly ticks?: () => number;
  /** In [0, 1); spreads the tries of workflows that failed together. */
  readonly lot: () => number;
}

/** Told once for every signal that was answered. */
export type OnDelivered = (seqs: readonly string[], delivered: Delivered) => void;

const SIGNALS_AT_ONCE = 16;
/** This many failures in a row, of whatever workflow, mean that the server is out: from then on it is only probed. */
const FAILURES_OF_AN_OUTAGE = 16;
const PROBE_EVERY_MS = 500;
/** A workflow that fails this often in a row has a fault of its own that somebody should see. */
const FAILURES_TO_REPORT = 5;

/**
 * Sends what is pending, one signal a workflow at a time, some at once, within the budget. One signal a turn of the
 * loop is begun, because building it takes the time of several acknowledgements, and acknowledging comes first.
 */
export class SignalPump {
  readonly #deps: SignalPumpDeps;
  readonly #ticks: () => number;
  readonly #pending: Pending;
  readonly #onDelivered: OnDelivered;
  readonly #budget = new SignalBudget();
  readonly #underWay = new Set<Promise<void>>();
  readonly #backingOff = new Set<NodeJS.Timeout>();
  #isAwake = false;
  #isTurnPlanned = false;
  #pause: NodeJS.Timeout | undefined;
  #failuresInARow = 0;
  /** By the ticks. */
  #probeAt = 0;

  constructor(deps: SignalPumpDeps, pending: Pending, onDelivered: OnDelivered) {
    this.#deps = deps;
    this.#ticks = deps.ticks ?? performance.now.bind(performance);
    this.#pending = pending;
    this.#onDelivered = onDelivered;
  }

  /** Something may be sent. Called often; costs nothing where a turn is planned already. */
  plan(): void {
    if (!this.#isAwake || this.#isTurnPlanned) return;
    this.#isTurnPlanned = true;
    setImmediate(() => {
      this.#isTurnPlanned = false;
      this.#turn();
    });
  }

  wake(): void {
    this.#isAwake = true;
    this.plan();
  }

  /** An event came in at the edge: the budget counts them. */
  arrived(): void {
    this.#budget.arrived(this.#ticks());
  }

  /** The edge refused an event unread, since more come than can be stored. */
  shed(): void {
    this.#budget.shed(this.#ticks());
  }

  /** The server has not answered for a while; one signal at a time asks whether it is back. */
  get isOutage(): boolean {
    return this.#failuresInARow >= FAILURES_OF_AN_OUTAGE;
  }

  /** Takes its turns, and the server answers. */
  get isSending(): boolean {
    return this.#isAwake && !this.isOutage;
  }

  /** Begins no signal any more and waits for those under way. */
  async stop(): Promise<void> {
    this.#isAwake = false;
    clearTimeout(this.#pause);
    for (const timer of this.#backingOff) clearTimeout(timer);
    await Promise.all(this.#underWay);
  }

  #turn(): void {
    if (!this.#isAwake || this.#pending.ready === 0) return;
    // The end of a signal plans the next turn.
    if (this.#underWay.size >= (this.isOutage ? 1 : SIGNALS_AT_ONCE)) return;
    const wait = this.#wait();
    if (wait > 0) return this.#pauseFor(wait);
    const next = this.#pending.take();
    if (!next) return;
    this.#budget.spend();
    this.#probeAt = this.#ticks() + PROBE_EVERY_MS;
    const signal = this.#signal(next.lane, next.rows).finally(() => {
      this.#underWay.delete(signal);
      this.plan();
    });
    this.#underWay.add(signal);
    this.plan();
  }

  #wait(): number {
    const now = this.#ticks();
    const budget = this.#budget.wait(now, this.#pending.ready);
    return this.isOutage ? Math.max(budget, this.#probeAt - now) : budget;
  }

  #pauseFor(ms: number): void {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => this.plan(), ms);
  }

  async #signal(lane: Lane, rows: readonly PendingRow[]): Promise<void> {
    const from = this.#deps.now();
    try {
      const delivered = await deliver(rows, this.#deps);
      this.#succeeded();
      this.#pending.succeeded(lane);
      this.#report(rows, delivered);
      this.#told(lane, rows, delivered, from);
      this.#onDelivered(
        rows.map((row) => row.seq),
        delivered,
      );
    } catch (error) {
      this.#failed(lane, rows, error, from);
    }
  }

  #succeeded(): void {
    if (this.isOutage) this.#deps.observer.log('info', 'Temporal answers again');
    this.#failuresInARow = 0;
  }

  /** The rows stay pending; this workflow waits, others go on. */
  #failed(lane: Lane, rows: readonly PendingRow[], error: unknown, from: number): void {
    const { observer } = this.#deps;
    const reason = error instanceof Error ? error.message : String(error);
    this.#pending.failed(lane, rows);
    this.#failuresInARow++;
    observer.count('slipway_signals_failed_total');
    this.#trace(lane, rows, from, { failed: true });
    if (this.#failuresInARow === FAILURES_OF_AN_OUTAGE) {
      observer.log('warn', 'Temporal does not answer; events are kept and signalled when it does', { reason });
    } else if (!this.isOutage && lane.failures === FAILURES_TO_REPORT) {
      observer.log('warn', 'a workflow cannot be signalled', { workflow: lane.workflowId, reason });
    }
    const timer = setTimeout(
      () => {
        this.#backingOff.delete(timer);
        this.#pending.resume(lane);
        this.plan();
      },
      backoffMs(lane.failures, this.#deps.lot()),
    );
    this.#backingOff.add(timer);
    if (!this.#isAwake) clearTimeout(timer);
  }

  #report(rows: readonly PendingRow[], delivered: Delivered): void {
    const { observer, now } = this.#deps;
    observer.count('slipway_signals_total', { outcome: delivered });
    if (delivered === 'late') observer.count('slipway_events_late_total', {}, rows.length);
    const [oldest] = rows;
    if (oldest) observer.time('slipway_signal_lag_seconds', (now() - oldest.receivedAt) / 1000);
    observer.gauge('slipway_signal_budget', this.#budget.perSecond(this.#ticks(), this.#pending.ready));
  }

  /** One line a signal: whoever looks for a delivery finds where it went. */
  #told(lane: Lane, rows: readonly PendingRow[], outcome: Delivered, from: number): void {
    this.#deps.observer.log('info', 'events signalled', {
      workflow: lane.workflowId,
      outcome,
      events: rows.length,
      deliveries: rows.map((row) => row.deliveryId).join(' '),
      ms: this.#deps.now() - from,
    });
    this.#trace(lane, rows, from, { fields: { outcome } });
  }

  #trace(
    { workflowId }: Lane,
    rows: readonly PendingRow[],
    from: number,
    { failed = false, fields = {} }: Pick<Span, 'failed' | 'fields'>,
  ): void {
    this.#deps.observer.trace?.({
      name: 'signal',
      correlations: rows.map((row) => row.deliveryId),
      from,
      to: this.#deps.now(),
      failed,
      fields: { workflow: workflowId, events: rows.length, ...fields },
    });
  }
}
