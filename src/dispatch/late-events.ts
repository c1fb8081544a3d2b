import { workflowId } from '../contracts/ids.js';
import type { Inbox } from '../contracts/inbox.js';
import type { Observer } from '../contracts/observer.js';
import type { EventReads } from '../contracts/read-model.js';
import type { Fact } from '../domain/event/fact.js';
import type { OnboardingState } from '../domain/onboarding/state.js';

/** As many as are looked through, newest first: what overtakes another event comes within the sender's few retries of it. */
const MOST = 200;

export interface LateEventsDeps {
  readonly events: Pick<EventReads, 'eventsOf'>;
  readonly inbox: Pick<Inbox, 'redeliver'>;
  readonly observer: Observer;
  /** Resolves when what was delivered so far is marked in the store. */
  readonly settled: () => Promise<void>;
}

export interface LateEvent {
  readonly seq: string;
  readonly fact: Fact;
}

/**
 * Events that found their onboarding closed and were late. One of them may have overtaken the event that brings it back (a
 * delivery that failed is sent again seconds to hours later): then it is heard after all, with the one that it overtook.
 */
export class LateEvents {
  readonly #deps: LateEventsDeps;

  constructor(deps: LateEventsDeps) {
    this.#deps = deps;
  }

  /** Those that came since it closed, oldest first. */
  async of(final: OnboardingState): Promise<readonly LateEvent[]> {
    const { endedAt } = final;
    if (endedAt === null) return [];
    await this.#deps.settled();
    const rows = await this.#deps.events.eventsOf(workflowId('onboarding', final.key), MOST);
    return rows.flatMap(({ seq, status, receivedVirtual, route }) =>
      status === 'late' && receivedVirtual >= endedAt && route?.to === 'onboarding' ? [{ seq, fact: route.fact }] : [],
    );
  }

  /**
   * They are late no more. Each goes to its workflow once again, which knows it already, and is marked by that. Never
   * rejects: the workflow has them, and only the archive would call them late.
   */
  async wereHeard(events: readonly LateEvent[]): Promise<void> {
    try {
      for (const { seq } of events) await this.#deps.inbox.redeliver(seq);
    } catch (error) {
      this.#deps.observer.log('warn', 'events that were heard are still called late', { reason: String(error) });
    }
  }
}
