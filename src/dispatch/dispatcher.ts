import type { Inbox, PendingRow } from '../contracts/inbox.js';
import type { Observer } from '../contracts/observer.js';
import type { DeliverDeps } from './deliver.js';
import { InboxReader } from './inbox-reader.js';
import { Pending } from './pending.js';
import { Settlement } from './settlement.js';
import { SignalPump } from './signal-pump.js';

export interface DispatcherDeps extends DeliverDeps {
  readonly inbox: Pick<Inbox, 'claim' | 'leased' | 'release' | 'settle' | 'reviveSignalledSince'>;
  readonly observer: Observer;
  /** Real epoch ms. */
  readonly now: () => number;
  /** In [0, 1); spreads the tries of workflows that failed together. */
  readonly lot: () => number;
  /** The Temporal server does not sync to disk: what it was told in its last minutes is told again by `drain`. */
  readonly temporalMayForget: boolean;
  /** Rows held in memory at most, 20,000 (of about 1 kB) unless given; the rest waits in the inbox. */
  readonly capacity?: number;
}

/** Brings stored events to their workflows: at least once, in few signals, never two of one workflow at a time. */
export interface Dispatcher {
  /** Takes a row that this server has just stored. Never throws, never waits. */
  offer(row: PendingRow): void;
  /** An event came that was refused unread: while the edge has to refuse events, signals leave it the processor. */
  shed(): void;
  /** Goes on by itself from here: signals what is offered, and looks into the inbox every few seconds. */
  start(): void;
  /**
   * Signals all that waits in the inbox; resolves with the number of events settled. Ends early where Temporal does not
   * answer: the rest is tried on after `start`. Rejects with `StoreUnavailable` where the inbox cannot be read.
   */
  drain(): Promise<number>;
  /** Begins no signal any more, waits for those under way and gives the rest back to the inbox. Never rejects. */
  stop(): Promise<void>;
}

const CAPACITY = 20_000;

export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  let settled = 0;
  const pending = new Pending(deps.capacity ?? CAPACITY);
  const settlement = new Settlement({ inbox: deps.inbox, observer: deps.observer, onSettled });
  const pump = new SignalPump(deps, pending, (seqs, delivered) =>
    settlement.add(seqs, delivered === 'late' ? 'late' : 'signalled'),
  );
  const reader = new InboxReader(deps, pending, () => pump.plan());

  function onSettled(seqs: readonly string[]): void {
    settled += seqs.length;
    pending.forget(seqs);
    reader.roomMade();
  }

  function start(): void {
    reader.start();
    pump.wake();
  }

  async function drain(): Promise<number> {
    const before = settled;
    if (deps.temporalMayForget) await reader.revive();
    pump.wake();
    while ((await reader.claim()) > 0 && !pump.isOutage) {
      await pump.quiet();
      await settlement.flush();
    }
    return settled - before;
  }

  async function stop(): Promise<void> {
    await reader.stop();
    await pump.stop();
    await settlement.flush();
    settlement.stop();
    await reader.giveBack();
  }

  return {
    offer(row) {
      pump.arrived();
      reader.take(row);
      pump.plan();
    },
    shed: () => pump.shed(),
    start,
    drain,
    stop,
  };
}
