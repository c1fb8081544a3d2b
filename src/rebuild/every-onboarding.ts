import { GatewayRefusal } from '../contracts/gateway.js';
import { parseWorkflowId, workflowId } from '../contracts/ids.js';
import type { Inbox } from '../contracts/inbox.js';
import type { Observer } from '../contracts/observer.js';
import type { ReadModel } from '../contracts/read-model.js';
import type { RebuildGateway, RebuildStore } from '../contracts/rebuild.js';
import { resumeCustomer } from '../domain/customer/resume-customer.js';
import type { CustomerStanding } from '../domain/customer/standing.js';
import type { EntityKey } from '../domain/event/key.js';
import { historyOf } from '../domain/onboarding/situation.js';
import type { OnboardingState } from '../domain/onboarding/state.js';
import { begunAnew } from '../domain/remake.js';
import { toVirtual } from '../domain/time/clock.js';
import { readEvents, type RecordDeps } from './read-record.js';
import { putTogether, type Remade } from './remade.js';

export interface EveryRebuildDeps extends RecordDeps {
  readonly readModel: Pick<ReadModel, 'log' | 'final' | 'onboarding'>;
  readonly rebuilds: Pick<RebuildStore, 'workflows' | 'reviveCustomers'>;
  readonly inbox: Pick<Inbox, 'redeliver'>;
  readonly gateway: Pick<RebuildGateway, 'restart' | 'restartCustomer'>;
  readonly now: () => number;
  readonly observer: Observer;
}

export interface EveryRebuild {
  run(): Promise<{ readonly onboardings: number; readonly customers: number }>;
}

const PAGE = 200;
const AT_ONCE = 8;
const WHY = 'Rebuilt: this store met a Temporal server that knew none of its onboardings.';

/**
 * Every workflow of a store, for a Temporal server that knows none of them: each onboarding from archive and decision
 * log, so that what people did is kept, a closed one as it ended, and the customers from what they last said. To be run
 * before any event is signalled and any worker runs; run again after a kill, it leaves those alone that are there.
 */
export function createEveryRebuild(deps: EveryRebuildDeps): EveryRebuild {
  return { run: () => new Every(deps).run() };
}

/** A customer with onboardings that were made anew, and the last word it said to one of them. */
interface Customer {
  readonly key: EntityKey;
  readonly open: Set<string>;
  last: { readonly at: number; readonly standing: CustomerStanding } | undefined;
}

class Every {
  readonly #customers = new Map<string, Customer>();

  constructor(private readonly deps: EveryRebuildDeps) {}

  async run(): Promise<{ onboardings: number; customers: number }> {
    let onboardings = 0;
    for (let after: string | null = null; ; ) {
      const ids: readonly string[] = await this.deps.rebuilds.workflows(after, PAGE);
      await inLanes(ids, (id) => this.#onboarding(id));
      onboardings += ids.length;
      if (ids.length < PAGE) break;
      after = ids.at(-1) ?? null;
    }
    const { clock, gateway, rebuilds } = this.deps;
    await inLanes([...this.#customers.values()], ({ key, last, open }) =>
      gateway.restartCustomer(resumeCustomer(key, clock, last, open)),
    );
    await rebuilds.reviveCustomers();
    return { onboardings, customers: this.#customers.size };
  }

  async #onboarding(id: string): Promise<void> {
    const { deps } = this;
    const key = parseWorkflowId(id)?.key;
    if (!key)
      return deps.observer.log('warn', 'an onboarding cannot be made anew: its id is too long', { workflow: id });
    const rows = await readEvents(deps, key);
    const stored = await deps.readModel.log(key);
    if (stored.length === 0) {
      // Its workflow had decided nothing yet: its events alone make it what it was.
      for (const { seq, status } of rows) if (status === 'signalled') await deps.inbox.redeliver(seq);
      return;
    }
    const final = await deps.readModel.final(key);
    if (final) return this.#begin(final);
    const remade = await putTogether(deps, key, { rows, state: undefined, stored, history: undefined });
    if (remade.missing > 0)
      deps.observer.log('warn', 'the archive lacks events of an onboarding', {
        onboarding: key.id,
        events: remade.missing,
      });
    await this.#begin(await this.#begun(remade));
    this.#noteCustomer(remade);
  }

  async #begun({ rebuilt }: Remade): Promise<OnboardingState> {
    const { key } = rebuilt;
    const row = await this.deps.readModel.onboarding(key.id, { workspace: key.workspace, mode: key.mode });
    const carried = { nextEscalation: rebuilt.nextEscalation, duplicates: row?.view.events.duplicates ?? 0 };
    return begunAnew(rebuilt, carried, WHY, toVirtual(this.deps.clock, this.deps.now()));
  }

  async #begin(state: OnboardingState): Promise<void> {
    try {
      await this.deps.gateway.restart(state, []);
    } catch (error) {
      // A run before this one, which was broken off, came as far as here.
      if (!(error instanceof GatewayRefusal)) throw error;
    }
  }

  #noteCustomer({ rebuilt, record }: Remade): void {
    const { customerId } = historyOf(rebuilt);
    if (customerId === null || rebuilt.endedAt !== null) return;
    const key = { ...rebuilt.key, id: customerId };
    const id = workflowId('customer', key);
    const known: Customer = this.#customers.get(id) ?? { key, open: new Set(), last: undefined };
    known.open.add(rebuilt.key.id);
    for (const { what, at } of record.log)
      if (what.kind === 'customer' && what.standing.version > (known.last?.standing.version ?? -1))
        known.last = { at, standing: what.standing };
    this.#customers.set(id, known);
  }
}

async function inLanes<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}
