import { afterEach, beforeEach, expect, vi } from 'vitest';
import { GatewayError } from '../../src/contracts/gateway.js';
import { workflowId } from '../../src/contracts/ids.js';
import { type Inbox, type PendingRow, StoreUnavailable } from '../../src/contracts/inbox.js';
import { SILENT } from '../../src/contracts/observer.js';
import type { EventRow } from '../../src/contracts/read-model.js';
import { createDispatcher, type Dispatcher, type DispatcherDeps } from '../../src/dispatch/dispatcher.js';
import type { Fact } from '../../src/domain/event/fact.js';
import type { EntityKey } from '../../src/domain/event/key.js';
import type { OnboardingState } from '../../src/domain/onboarding/state.js';
import { testPolicy } from '../support/onboarding-fixture.js';

export const NOW = Date.UTC(2026, 10, 2, 12);

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(async () => {
  for (const dispatcher of started.splice(0)) {
    const stopped = dispatcher.stop();
    await vi.advanceTimersByTimeAsync(10_000);
    await stopped;
  }
  vi.useRealTimers();
});
const started: Dispatcher[] = [];

/** Moves time on, letting everything happen that is due. */
export const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

export const many = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

let nextSeq = 0;

export function row(onboarding: string, over: Partial<Fact> = {}): PendingRow {
  nextSeq++;
  const fact: Fact = {
    id: `evt_${nextSeq}`,
    source: 'pivotal',
    type: 'onboarding.phase_changed',
    kind: 'moved',
    at: Date.now(),
    heardAt: Date.now(),
    record: { phase: 'integration', name: `Onboarding ${onboarding}` },
    previous: {},
    ...over,
  };
  const key: EntityKey = { workspace: 'main', mode: 'live', id: onboarding };
  return {
    seq: String(nextSeq),
    deliveryId: `msg_${nextSeq}`,
    receivedAt: Date.now(),
    type: 'onboarding',
    route: { to: 'onboarding', key, fact },
  };
}

export function customerRow(customer: string): PendingRow {
  const { seq, deliveryId, receivedAt, route } = row(customer);
  const fact = { ...route.fact, kind: 'record' as const, record: {}, previous: {} };
  return { seq, deliveryId, receivedAt, type: 'customer', route: { to: 'customer', key: route.key, fact } };
}

type InboxPart = DispatcherDeps['inbox'];

/** Rows as the store keeps them: leased to this server or to nobody. */
export class MemoryInbox implements InboxPart {
  readonly rows = new Map<string, { row: PendingRow; lease: 'here' | null; outcome: 'signalled' | 'late' | null }>();
  readonly settlements: number[] = [];
  claims = 0;
  revivedSince: number | null = null;
  isDown = false;

  put(row: PendingRow, lease: 'here' | null = null): PendingRow {
    this.rows.set(row.seq, { row, lease, outcome: null });
    return row;
  }

  claim = async (limit: number): Promise<readonly PendingRow[]> => {
    this.#mustBeUp();
    this.claims++;
    const free = [...this.rows.values()].filter(({ lease, outcome }) => lease === null && outcome === null);
    const taken = free.slice(0, limit);
    for (const entry of taken) entry.lease = 'here';
    return taken.map((entry) => entry.row);
  };

  leased: Inbox['leased'] = async (receivedBefore, limit) => {
    this.#mustBeUp();
    const leased = [...this.rows.values()].filter(({ lease, outcome }) => lease === 'here' && outcome === null);
    const old = leased.filter(({ row }) => row.receivedAt < receivedBefore);
    return old.slice(0, limit).map(({ row }) => row.seq);
  };

  release: Inbox['release'] = async (seqs) => {
    this.#mustBeUp();
    for (const seq of seqs) this.#entry(seq).lease = null;
  };

  settle: Inbox['settle'] = async (seqs, outcome) => {
    this.#mustBeUp();
    this.settlements.push(seqs.length);
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (const seq of seqs) this.#entry(seq).outcome = outcome;
  };

  reviveSignalledSince: Inbox['reviveSignalledSince'] = async (realAt) => {
    this.revivedSince = realAt;
    const revived = [...this.rows.values()].filter(({ outcome }) => outcome === 'signalled');
    for (const entry of revived) Object.assign(entry, { outcome: null, lease: null });
    return revived.length;
  };

  redeliver: Inbox['redeliver'] = async (seq) => {
    this.#mustBeUp();
    Object.assign(this.#entry(seq), { outcome: null, lease: null });
    return true;
  };

  /** What the archive shows of them; `limit` is that of the newest. */
  eventsOf = async (workflow: string, limit: number): Promise<readonly EventRow[]> => {
    this.#mustBeUp();
    const own = [...this.rows.values()].filter(({ row }) => workflowId(row.type, row.route.key) === workflow);
    return own.slice(-limit).map(({ row, outcome }) => ({
      seq: row.seq,
      eventId: row.route.fact.id,
      source: row.route.fact.source,
      type: row.route.fact.type,
      deliveryId: row.deliveryId,
      receivedAt: row.receivedAt,
      receivedVirtual: row.receivedAt,
      occurredAt: row.route.fact.at,
      status: outcome ?? 'pending',
      quarantined: null,
      route: row.route,
      org: null,
      duplicates: 0,
    }));
  };

  unsettled(): string[] {
    return [...this.rows.values()].filter(({ outcome }) => outcome === null).map((entry) => entry.row.seq);
  }

  outcome(row: PendingRow): 'signalled' | 'late' | null {
    return this.#entry(row.seq).outcome;
  }

  #entry(seq: string) {
    const entry = this.rows.get(seq);
    if (!entry) throw new Error(`no row ${seq}`);
    return entry;
  }

  #mustBeUp(): void {
    if (this.isDown) throw new StoreUnavailable('down');
  }
}

export interface Signal {
  readonly at: number;
  readonly workflow: string;
  readonly facts: readonly { readonly id: string }[];
  readonly title?: string | undefined;
}

/** The Temporal server as the gateway shows it: answers after `latencyMs`, and notices two signals of one workflow at once. */
export class MemoryGateway {
  readonly signals: Signal[] = [];
  readonly tries: { at: number; workflow: string }[] = [];
  readonly reopened: { final: OnboardingState; facts: readonly Fact[] }[] = [];
  readonly failing = new Set<string>();
  readonly closed = new Set<string>();
  readonly #underWay = new Set<string>();
  isDown = false;
  latencyMs = 10;
  mostAtOnce = 0;
  /** Workflows that got a signal while another one was under way. */
  readonly doubled: string[] = [];

  signalEvents = (key: EntityKey, facts: readonly { id: string }[], title?: string) => {
    const workflow = workflowId('onboarding', key);
    if (this.forgotten.has(workflow)) this.started.push(workflow);
    return this.#signal(workflow, facts, title);
  };

  /** What this server has forgotten is to it as if it had never been: only a start would tell. */
  readonly started: string[] = [];

  signalRunning = async (key: EntityKey, facts: readonly { id: string }[]) => {
    const answer = await this.#signal(workflowId('onboarding', key), facts);
    return this.forgotten.has(workflowId('onboarding', key)) ? 'closed' : answer;
  };

  readonly forgotten = new Set<string>();

  signalCustomer = (key: EntityKey, facts: readonly { id: string }[]) =>
    this.#signal(workflowId('customer', key), facts);

  reopen = async (final: OnboardingState, facts: readonly Fact[]): Promise<void> => {
    this.reopened.push({ final, facts });
  };

  async #signal(workflow: string, facts: readonly { id: string }[], title?: string): Promise<'signalled' | 'closed'> {
    if (this.#underWay.has(workflow)) this.doubled.push(workflow);
    this.#underWay.add(workflow);
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#underWay.size);
    this.tries.push({ at: Date.now(), workflow });
    await new Promise((resolve) => setTimeout(resolve, this.latencyMs));
    this.#underWay.delete(workflow);
    if (this.isDown || this.failing.has(workflow)) throw new GatewayError('no answer');
    if (this.closed.has(workflow)) return 'closed';
    this.signals.push({ at: Date.now(), workflow, facts, title });
    return 'signalled';
  }

  of(onboarding: string): Signal[] {
    return this.signals.filter(({ workflow }) => workflow === `onboarding/main/${onboarding}`);
  }
}

export interface Bench {
  readonly inbox: MemoryInbox;
  readonly gateway: MemoryGateway;
  readonly dispatcher: Dispatcher;
  readonly finals: Map<string, OnboardingState>;
  readonly counted: string[];
  /** Stores a row and offers it, as the edge does. */
  accept(row: PendingRow): PendingRow;
}

export function bench(over: Partial<DispatcherDeps> = {}): Bench {
  const inbox = new MemoryInbox();
  const gateway = new MemoryGateway();
  const finals = new Map<string, OnboardingState>();
  const counted: string[] = [];
  const dispatcher = createDispatcher({
    inbox,
    events: inbox,
    gateway,
    readModel: { final: async ({ id }) => finals.get(id) },
    policy: () => testPolicy(),
    observer: {
      ...SILENT,
      count: (metric, labels = {}, by = 1) => void counted.push([metric, ...Object.values(labels), by].join(' ')),
      log: (level, message) => void counted.push(`${level}: ${message}`),
    },
    now: Date.now,
    lot: () => 0.5,
    temporalMayForget: false,
    ...over,
  });
  started.push(dispatcher);
  const accept = (accepted: PendingRow): PendingRow => {
    inbox.put(accepted, 'here');
    dispatcher.offer(accepted);
    return accepted;
  };
  return { inbox, gateway, dispatcher, finals, counted, accept };
}

/** Every row's event reached its workflow exactly once, in the order of the rows. */
export function expectAllSignalled(rows: readonly PendingRow[], { gateway, inbox }: Bench): void {
  const sent = new Map<string, string[]>();
  for (const { workflow, facts } of gateway.signals) {
    sent.set(workflow, [...(sent.get(workflow) ?? []), ...facts.map((fact) => fact.id)]);
  }
  const expected = new Map<string, string[]>();
  for (const { type, route } of rows) {
    const workflow = workflowId(type, route.key);
    expected.set(workflow, [...(expected.get(workflow) ?? []), route.fact.id]);
  }
  expect(sent).toEqual(expected);
  expect(inbox.unsettled()).toEqual([]);
  expect(gateway.doubled).toEqual([]);
}
