import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection, defaultPayloadConverter } from '@temporalio/client';
import { eventId } from './events.mjs';
import { Void } from './figures.mjs';

const AT_ONCE = 8;
const BETWEEN_LOOKS_MS = 500;

/** The workflows' own histories: what really happened, on the clock of this machine. */
export class Histories {
  static async open(system) {
    const { temporal } = await system.api('/status');
    const connection = await Connection.connect({ address: temporal.address });
    return new Histories(connection, new Client({ connection, namespace: temporal.namespace }));
  }

  constructor(connection, client) {
    this.connection = connection;
    this.client = client;
  }

  close() {
    return this.connection.close();
  }

  /** All history events of a workflow, those of former runs first; empty where there is none. */
  async eventsOf(workflowId) {
    const events = [];
    for (let runId; ; ) {
      const { events: run } = await this.client.workflow.getHandle(workflowId, runId).fetchHistory();
      events.unshift(...run);
      runId = run[0].workflowExecutionStartedEventAttributes.continuedExecutionRunId;
      if (!runId) return events;
    }
  }

  async isOver(workflowId) {
    const { status } = await this.client.workflow.getHandle(workflowId).describe();
    return status.name !== 'RUNNING';
  }

  /**
   * Waits until every event of a run was applied, then returns when each was: by event id, epoch ms. An event is applied
   * when the workflow task that took in its signal was completed. Throws `Void` where some are not within `withinMs`.
   */
  async whenApplied(books, withinMs) {
    const until = Date.now() + withinMs;
    const applied = new Map();
    for (let open = books.shares; open.length > 0; await delay(BETWEEN_LOOKS_MS)) {
      open = await this.#stillOpen(open, applied);
      if (open.length === 0) break;
      if (Date.now() > until)
        throw new Void(`${open.length} onboardings, ${open[0].id} the first, have not applied all their events.`);
    }
    const lost = books.acknowledgedIndexes.filter((index) => !applied.has(eventId(books.plan.tag, index)));
    if (lost.length > 0) throw new Void(`${lost.length} acknowledged events never reached their workflow.`);
    return applied;
  }

  async #stillOpen(shares, applied) {
    const open = await inParallel(shares, async (share) => {
      const mine = appliedAt(await this.eventsOf(`onboarding/main/${share.id}`).catch(() => []));
      for (const [id, at] of mine) applied.set(id, at);
      return mine.size < share.events ? [share] : [];
    });
    return open.flat();
  }
}

/** When each event of a history was applied, by event id; those that are signalled and not applied yet are left out. */
export function appliedAt(events) {
  const applied = new Map();
  let waiting = [];
  for (const event of events) {
    const signal = event.workflowExecutionSignaledEventAttributes;
    if (signal?.signalName === 'events') waiting.push(...factsOf(signal).map((fact) => fact.id));
    if (!event.workflowTaskCompletedEventAttributes) continue;
    for (const id of waiting) if (!applied.has(id)) applied.set(id, instantOf(event));
    waiting = [];
  }
  return applied;
}

/** Epoch ms, with the fraction. */
export function instantOf({ eventTime }) {
  return Number(eventTime.seconds) * 1000 + eventTime.nanos / 1e6;
}

export async function inParallel(items, work) {
  const waiting = [...items.entries()];
  const results = [];
  const one = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return results;
}

function factsOf(signal) {
  return defaultPayloadConverter.fromPayload(signal.input.payloads[0]);
}
