import { type Channel, type ChannelMessage, LONGEST_TEXT } from '../channels/channel.js';
import type { Activities, NotifyOrder, NotifyResult } from '../contracts/activities.js';
import { ChannelFailure } from '../contracts/failures.js';
import { StoreUnavailable } from '../contracts/inbox.js';
import type { Observer } from '../contracts/observer.js';
import type { Gate, SendLedger } from '../contracts/read-model.js';
import { toReal } from '../domain/time/clock.js';
import { whileHeartbeating } from './heartbeat.js';

export interface NotifyDeps {
  readonly ledger: SendLedger;
  readonly gate: Gate;
  /** The channel of that name in the policy that is in force; asked anew for each send. */
  readonly channel: (name: string) => Channel | undefined;
  readonly observer: Observer;
}

/**
 * One send: intent, gate, one call, result. In this order, so that a repeat of the same key reads what became of it
 * before, and nothing reaches a person that the gate did not see. Whatever stands in the way is a result; it throws
 * nothing but its own cancellation, and that only while nothing has left: afterwards the outcome is what matters.
 */
export function createNotify(deps: NotifyDeps): Activities['notify'] {
  return (order) => whileHeartbeating((signal) => new Notification(deps, order, signal).run());
}

type Failed = Extract<NotifyResult, { outcome: 'failed' }>;

class Notification {
  /** The newest delivery of this onboarding; known once the intent is recorded. */
  #correlation: string | undefined;

  constructor(
    private readonly deps: NotifyDeps,
    private readonly order: NotifyOrder,
    private readonly signal: AbortSignal,
  ) {}

  async run(): Promise<NotifyResult> {
    this.signal.throwIfAborted();
    const channel = this.#channel();
    if ('outcome' in channel) return this.#counted(channel);
    const permission = await this.#permission();
    if ('outcome' in permission) return permission.outcome === 'failed' ? this.#counted(permission) : permission;
    if (this.signal.aborted) throw await this.#cancelled();
    const from = Date.now();
    const result = await this.#call(channel, permission.note);
    await this.#quietly('conclude', () => this.deps.ledger.conclude(this.order.key, result));
    this.#trace(result, from);
    return this.#counted(result);
  }

  /** The gate's neighbour: in test mode nothing but the log is a channel, whatever the order says. */
  #channel(): Channel | Failed {
    const { order, deps } = this;
    const channel = deps.channel(order.channel);
    if (!channel) return failed('InvalidConfig', `Channel ${order.channel} is not among the channels of slipway.yaml.`);
    if (order.entity.mode === 'test' && channel.type !== 'log') {
      return failed('TargetForbidden', `Channel ${order.channel} is closed to test mode, which reaches the log alone.`);
    }
    return channel;
  }

  /** The permission to call, with the gate's note for the text; or the result there is without a call. */
  async #permission(): Promise<NotifyResult | { readonly note?: string }> {
    const { ledger, gate, observer } = this.deps;
    try {
      const { sent, first, correlation } = await ledger.intend(this.order);
      this.#correlation = correlation ?? undefined;
      if (sent) return { outcome: 'sent', ...sent };
      if (first) this.#measureLateness();
      if (!this.order.gate.applies) return {};
      const verdict = await gate.ask(this.order.gate);
      if (verdict.open) return verdict.note === undefined ? {} : { note: verdict.note };
      observer.count('slipway_gate_holds_total');
      const held = { outcome: 'later', until: verdict.until, reason: verdict.reason } as const;
      await this.#quietly('hold', () => ledger.conclude(this.order.key, held));
      this.#tell('later');
      return held;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) this.#unexpected('the store', error);
      await this.#withdraw();
      return failed('StoreUnavailable', 'The store did not answer, so it is not known whether this may be sent.');
    }
  }

  async #call(channel: Channel, note: string | undefined): Promise<NotifyResult> {
    const startedAt = performance.now();
    try {
      const delivery = await channel.send(messageOf(this.order, note), this.signal);
      return { outcome: 'sent', atReal: Date.now(), ...delivery };
    } catch (error) {
      if (this.signal.aborted && error === this.signal.reason) throw await this.#cancelled();
      return this.#failure(error);
    } finally {
      const seconds = (performance.now() - startedAt) / 1000;
      this.deps.observer.time('slipway_send_seconds', seconds, { channel: this.order.channel });
    }
  }

  #failure(error: unknown): Failed {
    if (!(error instanceof ChannelFailure)) {
      this.#unexpected(`channel ${this.order.channel}`, error);
      return failed('OutcomeUnknown', `Channel ${this.order.channel} broke in the middle of the call, see the log.`);
    }
    const { word, message, retryAfterMs } = error;
    return { ...failed(word, message), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }

  /** Nothing has left, so that there is no intent to keep either. */
  async #cancelled(): Promise<unknown> {
    await this.#withdraw();
    return this.signal.reason;
  }

  #withdraw(): Promise<void> {
    return this.#quietly('withdraw', () => this.deps.ledger.withdraw(this.order.key));
  }

  /** The record must not change the result: what was sent is sent, though a repeat may then not know it. */
  async #quietly(what: string, write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      const { name } = asError(error);
      this.deps.observer.log('warn', `the record of a send could not be written`, { what, error: name, ...this.#ids });
    }
  }

  #unexpected(where: string, error: unknown): void {
    // Not the message: a library may have put an address or a URL into it.
    const { name, stack } = asError(error);
    const at = stack
      ?.split('\n')
      .find((line) => /^\s+at /.test(line))
      ?.trim();
    this.deps.observer.log('error', `${where} threw what it should not`, { error: name, at, ...this.#ids });
  }

  get #ids() {
    const { escalation, entity } = this.order;
    return { delivery: this.#correlation, escalation: escalation.id, onboarding: entity.id };
  }

  #counted(result: NotifyResult): NotifyResult {
    const word = wordOf(result);
    this.deps.observer.count('slipway_sends_total', { channel: this.order.channel, result: word });
    this.#tell(word);
    return result;
  }

  /** A chase that falls due is due for everybody: what lies between is the timer, the queue and this worker. */
  #measureLateness(): void {
    const { kind, gate } = this.order;
    if (kind !== 'notified') return;
    const seconds = (Date.now() - toReal(gate.clock, gate.dueAt)) / 1000;
    this.deps.observer.time('slipway_send_lateness_seconds', Math.max(0, seconds));
  }

  /** One line a send. Not its key and not its recipient: an id of a person may be an e-mail address. */
  #tell(result: string): void {
    const { kind, channel, level, escalation } = this.order;
    const what = { kind, channel, rule: escalation.rule, escalation_level: level, result };
    this.deps.observer.log('info', 'send', { ...this.#ids, ...what });
  }

  #trace(result: NotifyResult, from: number): void {
    if (this.#correlation === undefined) return;
    const { kind, channel, escalation } = this.order;
    this.deps.observer.trace?.({
      name: 'notify',
      correlations: [this.#correlation],
      from,
      to: Date.now(),
      failed: result.outcome === 'failed',
      fields: { kind, channel, escalation: escalation.id, result: wordOf(result) },
    });
  }
}

const wordOf = (result: NotifyResult): string => (result.outcome === 'failed' ? result.failure : result.outcome);

function failed(failure: Failed['failure'], message: string): Failed {
  return { outcome: 'failed', failure, message };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** The note comes last and is never what is cut: it tells why the message comes late. */
function messageOf(order: NotifyOrder, note: string | undefined): ChannelMessage {
  const { key, kind, level, fallback, recipient, severity, escalation, onboarding } = order;
  const text = note === undefined ? order.text : `${order.text.slice(0, LONGEST_TEXT - note.length - 1)}\n${note}`;
  return { key, kind, level, fallback, recipient, severity, text, escalation, onboarding, at: order.gate.dueAt };
}
