import type { Channel, ChannelMessage, Delivery } from '../../src/channels/channel.js';
import type { NotifyResult } from '../../src/contracts/activities.js';
import type { LogFields, Observer } from '../../src/contracts/observer.js';
import type { Gate, SendLedger } from '../../src/contracts/read-model.js';
import { SILENT } from '../../src/contracts/observer.js';
import type { ChannelType } from '../../src/domain/policy/policy.js';

type Failing = Partial<Record<keyof SendLedger, Error>>;

/** Keeps what the store would: per key an intent, and what came of it. */
export class LedgerDouble implements SendLedger {
  readonly rows = new Map<string, NotifyResult | 'intended'>();
  constructor(
    private readonly failing: Failing = {},
    private readonly steps: string[] = [],
  ) {}

  intend({ key }: { key: string }): ReturnType<SendLedger['intend']> {
    return this.#step('intend', () => {
      const row = this.rows.get(key);
      if (row && row !== 'intended' && row.outcome === 'sent') return { sent: { atReal: row.atReal } };
      this.rows.set(key, 'intended');
      return { sent: null, first: row === undefined, correlation: 'msg_newest' };
    });
  }

  conclude(key: string, result: NotifyResult): Promise<void> {
    return this.#step('conclude', () => void this.rows.set(key, result));
  }

  withdraw(key: string): Promise<void> {
    return this.#step('withdraw', () => void this.rows.delete(key));
  }

  #step<T>(name: keyof SendLedger, work: () => T): Promise<T> {
    this.steps.push(name);
    const failure = this.failing[name];
    return failure ? Promise.reject(failure) : Promise.resolve(work());
  }
}

export type GateAnswer = Awaited<ReturnType<Gate['ask']>>;

export function gateThat(answer: GateAnswer | Error, steps: string[] = []): Gate {
  return {
    ask: () => {
      steps.push('ask');
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  };
}

/** A channel that does what it is told, and notes every call. */
export class ChannelDouble implements Channel {
  readonly messages: ChannelMessage[] = [];
  constructor(
    private readonly deliver: (message: ChannelMessage, signal: AbortSignal) => Promise<Delivery>,
    private readonly steps: string[] = [],
    readonly name = 'hook',
    readonly type: ChannelType = 'webhook',
  ) {}

  send(message: ChannelMessage, signal: AbortSignal): Promise<Delivery> {
    this.steps.push('call');
    this.messages.push(message);
    return this.deliver(message, signal);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export class ObserverDouble implements Observer {
  readonly counted: string[] = [];
  readonly lines: { level: string; message: string; fields: LogFields | undefined }[] = [];
  readonly timed: string[] = [];

  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields?: LogFields): void {
    this.lines.push({ level, message, fields });
  }
  count(metric: string, labels: Readonly<Record<string, string>> = {}): void {
    this.counted.push([metric, ...Object.values(labels)].join(' '));
  }
  time(metric: string): void {
    this.timed.push(metric);
  }
  readonly gauge = SILENT.gauge;
  readonly age = SILENT.age;
}
