import type { Inbox, PendingRow } from '../contracts/inbox.js';
import type { Observer } from '../contracts/observer.js';
import type { EventReads } from '../contracts/read-model.js';
import type { DeliverDeps } from './deliver.js';
import { InboxReader } from './inbox-reader.js';
import { LateEvents } from './late-events.js';
import { Pending } from './pending.js';
import { Settlement } from './settlement.js';
import { SignalPump } from './signal-pump.js';

export interface DispatcherDeps extends Omit<DeliverDeps, 'late'> {
  readonly inbox: Pick<Inbox, 'claim' | 'leased' | 'release' | 'settle' | 'reviveSignalledSince' | 'redeliver'>;
  readonly events: Pick<EventReads, 'eventsOf'>;
  readonly observer: Observer;
  /** Real epoch ms. */
  readonly now: () => number;
  /** ms, of any origin and never set back, for what is waited for; tests move it. */
  readonly ticks?: () => number;
  /** In [0, 1); spreads the tries of workflows that failed together. */
  readonly lot: () => number;
  /** The Temporal server does not sync to disk: what it was told in its last minutes is put back by `revive`. */
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
   * Puts back what the Temporal server may have forgotten when the machine lost its power. `heardAt`: the last sign of life
   * before this start, real epoch ms; null where there was none. To be called before this server's first heartbeat: a start
   * that dies in between would else be taken for the life in which it was forgotten, and it would never be told again.
   */
  revive(heardAt: number | null): Promise<void>;
  /**
   * Takes what waits in the inbox into memory, as far as half of it, and signals nothing yet. To be called before anything
   * is offered: what came later would overtake it. Rejects with `StoreUnavailable`.
   */
  load(): Promise<void>;
  /**
   * Signals what waits in the inbox now; resolves with the number of events settled. What is offered meanwhile is signalled
   * as ever and not waited for, however much it is. Ends early where it is told to stop, where Temporal does not answer, and
   * after a minute (real): the rest is tried on, and the gate holds what is about it. Never rejects: a store that is away is
   * asked again. To be called before `start`.
   */
  drain(stopping?: AbortSignal): Promise<number>;
  /** Begins no signal any more, waits for those under way and gives the rest back to the inbox. Never rejects. */
  stop(): Promise<void>;
}

const CAPACITY = 20_000;
/** How soon `drain` notices that it has ended: little beside what comes after it, and looking costs next to nothing. */
const DRAIN_LOOKS_EVERY_MS = 50;
/** While events pour in, signals leave slowly, and without a worker nobody is chased or heard. */
const DRAIN_AT_MOST_MS = 60_000;
const ASK_AGAIN_MS = 1_000;

export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const ticks = deps.ticks ?? performance.now.bind(performance);
  /** Rows of the inbox that `drain` waits for. */
  let waiting: readonly PendingRow[] = [];
  const pending = new Pending(deps.capacity ?? CAPACITY);
  const settlement = new Settlement({ inbox: deps.inbox, observer: deps.observer, onSettled });
  const late = new LateEvents({ ...deps, settled: () => settlement.flush() });
  const pump = new SignalPump({ ...deps, late }, pending, (seqs, delivered) =>
    settlement.add(seqs, delivered === 'late' ? 'late' : 'signalled'),
  );
  const reader = new InboxReader(deps, pending, () => pump.plan());

  function onSettled(seqs: readonly string[]): void {
    pending.forget(seqs);
    reader.roomMade();
  }

  function start(): void {
    reader.start();
    pump.wake();
  }

  async function revive(heardAt: number | null): Promise<void> {
    if (deps.temporalMayForget) await reader.revive(heardAt);
  }

  /** Whether there may be more. */
  async function takeMore(): Promise<boolean> {
    const rows = await reader.claim();
    waiting = [...waiting, ...rows];
    return rows.length > 0;
  }

  async function load(): Promise<void> {
    for (let isLeft = true; isLeft && pending.isHalfEmpty; ) isLeft = await takeMore();
  }

  async function takeMoreOrWait(): Promise<boolean> {
    try {
      return await takeMore();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      deps.observer.log('warn', 'what waits in the inbox could not be read', { reason });
      await pause(ASK_AGAIN_MS);
      return true;
    }
  }

  /**
   * What is offered meanwhile is leased to this server, so no claim finds it: the inbox is read to its end even while events
   * pour in. A row is waited for until it is settled or its workflow was tried once in vain.
   */
  async function drain(stopping?: AbortSignal): Promise<number> {
    const until = ticks() + DRAIN_AT_MOST_MS;
    let drained = 0;
    pump.wake();
    for (let isLeft = true; isLeft || waiting.length > 0; ) {
      if (stopping?.aborted || !pump.isSending || ticks() > until) break;
      if (isLeft && pending.isHalfEmpty) {
        isLeft = await takeMoreOrWait();
        continue;
      }
      await pause(DRAIN_LOOKS_EVERY_MS);
      drained += waiting.filter(({ seq }) => !pending.holds(seq)).length;
      waiting = waiting.filter((row) => pending.isOnItsWay(row));
    }
    return drained;
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
    revive,
    load,
    drain,
    stop,
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
