import type { Clock } from '../domain/time/clock.js';
import type { Attempt, DisabledBy, EndpointKey } from './webhooks.js';

/** How messages leave: the queue as `deliverDue` sees it, and `deliverDue` as the `endpoint` workflow sees it. */

/** Deliveries have workers of their own: endpoints that hang must not take the places of people's messages. */
export const DELIVERY_TASK_QUEUE = 'slipway-deliveries';

export interface DeliveryActivities {
  /**
   * Delivers what is due, lingers a few seconds while more comes, and answers once there is nothing to do before an instant
   * that is further away. One at a time for an endpoint; one that was given up by the server records nothing more.
   */
  deliverDue(order: DeliverOrder): Promise<DeliverReport>;
}

export interface DeliverOrder {
  readonly endpoint: EndpointKey;
  readonly clock: Clock;
}

/** What an operator wants to know of an endpoint, and what its workflow waits for. Instants virtual. */
export interface DeliverReport {
  /** Deleted: there is nothing to wait for any more. */
  readonly gone: boolean;
  readonly url: string;
  readonly disabled: DisabledBy | null;
  readonly pending: number;
  /** When this was found: a next try that is no later is to be made at once. The workflow's own clock may not tell. */
  readonly at: number;
  /** When the next try is due; null where nothing is pending or nothing may be sent. Not after `at`: go on at once. */
  readonly nextAt: number | null;
  readonly failures: number;
  readonly attempts: number;
  /** Why the last attempt failed, in words; null where it did not. */
  readonly lastFailure: { readonly at: number; readonly why: string } | null;
}

/** One call of `deliverDue`. The newest one of an endpoint is the only one that can write. */
export interface Turn {
  readonly endpoint: EndpointKey;
  /** Rises with each turn of an endpoint. */
  readonly number: number;
}

/** The turn was taken by another: stop, what is still on the wire is tried again by it. */
export class TurnLost extends Error {
  override readonly name = 'TurnLost';
}

/** An endpoint as it is called at this moment. */
export interface Receiver {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** `whsec_…`, the newest first; each signs. */
  readonly secrets: readonly string[];
  readonly rateLimit: number | null;
  readonly ordered: boolean;
  readonly disabled: DisabledBy | null;
  readonly failures: number;
}

export interface Due {
  /** Of the message; the order in which they were made. */
  readonly seq: string;
  readonly messageId: string;
  readonly eventType: string;
  readonly payload: string;
  /** Tries of the schedule made so far. */
  readonly tries: number;
  /** Of the first try of the schedule; null before it. */
  readonly firstAt: number | null;
  readonly trigger: Attempt['trigger'];
  /** An operator's one more attempt of a delivery that had ended: no schedule follows it, and no failure is counted. */
  readonly once: boolean;
  /** When it was to be made. */
  readonly dueAt: number;
  /** When the message was made. */
  readonly createdAt: number;
  /** Rises with each act of an operator; its `Outcome` gives it back. */
  readonly revision: number;
}

/** What became of one call. */
export interface Outcome {
  readonly seq: string;
  readonly attempt: Omit<Attempt, 'id' | 'endpointId' | 'eventType'>;
  /** As before where an operator's attempt came between the tries of the schedule. */
  readonly tries: number;
  readonly firstAt: number;
  /** As `due` gave it out: what an operator asked since then is not undone. */
  readonly revision: number;
  /** It failed with the last try of its schedule, which alone counts against the endpoint. */
  readonly usedUp: boolean;
  readonly then:
    | { readonly state: 'pending'; readonly nextAt: number }
    | { readonly state: 'delivered' | 'failed' | 'cancelled' };
}

export interface DeliveryQueue {
  /** Null where the endpoint is gone. What its number rises above can write no more. */
  takeTurn(endpoint: EndpointKey): Promise<Turn | null>;
  /**
   * What is due at `at`, at most `limit`, besides those that are under way; half of the places are kept for first tries, so
   * that a backlog starves no live message. An ordered endpoint gets the first of each line alone. Nothing while disabled.
   * Throws `TurnLost`; `receiver` null where the endpoint is gone.
   */
  due(turn: Turn, at: number, limit: number, underWay: readonly string[]): Promise<DuePage>;
  /**
   * Writes attempts and what follows, in one commit; a try that follows is `scheduled` again. `failures` after it: a
   * success sets it to what failed since, a delivery that used up its tries adds one. Throws `TurnLost`.
   */
  record(turn: Turn, outcomes: readonly Outcome[]): Promise<{ readonly failures: number }>;
  /** Disables it and tells by `endpoint.disabled`; or warns by `endpoint.failing`. Idempotent. Throws `TurnLost`. */
  disable(turn: Turn, by: DisabledBy, why: string): Promise<void>;
  warn(turn: Turn, failures: number): Promise<void>;
  /**
   * Goes to sleep unless something is due: a message that comes after it wakes the endpoint. `nextAt` is the instant of the
   * next try, in the past or now where it did not go to sleep; null where there is none. Throws `TurnLost`.
   */
  rest(turn: Turn, at: number): Promise<{ readonly nextAt: number | null; readonly pending: number }>;
  /** Calls back when a delivery was queued, for whichever server queued it, and once when it can no longer tell. */
  listen(endpoint: EndpointKey, queued: () => void): Promise<{ close(): void }>;
}

export interface DuePage {
  readonly receiver: Receiver | null;
  readonly deliveries: readonly Due[];
  /** The next instant after `at` at which something may be due, too early rather than too late; null where nothing waits. */
  readonly nextAt: number | null;
}

/** Brings `endpoint` workflows to look at their queue. */
export interface Waker {
  /** At once and never throws; a repeat within 50 ms is one. One that is lost is found by the sweep of any server. */
  wake(endpoints: readonly EndpointKey[]): void;
}

/** Of the store, for the sweep. */
export interface WakesWanted {
  /** Endpoints whose sleep was ended longer ago than that real instant, and which no turn has heard yet, or which were forgotten. */
  wanted(before: number): Promise<readonly EndpointKey[]>;
}
