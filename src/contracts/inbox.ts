import type { Route } from '../domain/event/route.js';
import type { WorkflowType } from './ids.js';

/** The archive of everything received, and the queue of what is not yet signalled. One row an event. */
export interface Inbox {
  /**
   * Resolves once the row is on disk. Rows that wait for the same commit share it. `duplicate` where the same
   * `(source, event id, body)` is there already. Throws `StoreUnavailable` where it cannot be written: whether the row
   * was written is then unknown, and the sender's retry is a duplicate. A new row is leased to this server.
   */
  accept(arrival: Arrival): Promise<Accepted>;
  /** Whether `accept` would refuse what comes now, since the line for the disk is as long as can be answered in time. */
  isFull(): boolean;
  /** Takes unsignalled rows whose lease has ended (or has none), oldest first, and leases them to this server. */
  claim(limit: number): Promise<readonly PendingRow[]>;
  /**
   * Unsignalled rows that are leased to this server and were received before that real instant, oldest first. One that it
   * does not hold in memory was forgotten: its commit was never confirmed, or a crash of the store took back that it was
   * signalled; nobody else would take it while this server lives.
   */
  leased(receivedBefore: number, limit: number): Promise<readonly string[]>;
  /** Ends this server's leases of rows it will not signal itself now, so that a later `claim` of any server takes them. */
  release(seqs: readonly string[]): Promise<void>;
  /** Marks rows done: signalled to their workflow, or late for one that has closed. */
  settle(seqs: readonly string[], outcome: 'signalled' | 'late'): Promise<void>;
  /** Puts rows back for another try, e.g. what an unsynced Temporal server may have forgotten. Returns how many. */
  reviveSignalledSince(realAt: number): Promise<number>;
  redeliver(seq: string): Promise<boolean>;
  depth(): Promise<{ readonly pending: number; readonly oldestReceivedAt: number | null }>;
  /** Keeps this server's leases and its edge heartbeat alive; called every few seconds. */
  heartbeat(): Promise<void>;
  /** When the last server before this one gave its last sign of life, real epoch ms; null where there was none. */
  lastHeard(): Promise<number | null>;
}

export interface Accepted {
  readonly seq: string;
  readonly duplicate: boolean;
  /**
   * On a duplicate: the row it repeats, as it is stored, where that is not signalled yet. Without this, a row whose commit
   * was never confirmed would be leased to a server that does not know of it; and the repeat itself, which was heard of
   * later, would tell its workflow other instants than the archive has.
   */
  readonly waiting?: PendingRow;
}

export interface Arrival {
  readonly source: string;
  /** The event's own id; `svix-id` for a quarantined body that has none. */
  readonly eventId: string;
  readonly deliveryId: string;
  readonly type: string | null;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** Label of the secret that verified it. */
  readonly secret: string;
  /** Real epoch ms. */
  readonly receivedAt: number;
  /** Virtual epoch ms; the age of the event is measured against `receivedVirtual`. */
  readonly occurredAt: number | null;
  readonly receivedVirtual: number;
  /** Absent where the event concerns no workflow: a ping, an unknown resource, a quarantined body. */
  readonly route?: Route;
  readonly quarantined?: 'not_json' | 'unknown_shape';
  readonly org: string | null;
}

export type { Route };

export interface PendingRow {
  readonly seq: string;
  /** The sender's id of the delivery (`svix-id`): the correlation of everything that is done about the event. */
  readonly deliveryId: string;
  readonly receivedAt: number;
  readonly type: WorkflowType;
  readonly route: Route;
}

export interface RejectionLog {
  /** Bounded: the oldest go when it is full; never throws. */
  record(rejection: Rejection): void;
}

export interface Rejection {
  readonly source: string;
  readonly reason: RejectionReason;
  readonly message: string;
  readonly at: number;
  readonly deliveryId: string | null;
  readonly remote: string | null;
  readonly bytes: number;
}

export type RejectionReason =
  | 'missing_header'
  | 'bad_timestamp'
  | 'stale_timestamp'
  | 'future_timestamp'
  | 'no_matching_signature'
  | 'too_large'
  | 'method_not_allowed'
  | 'unknown_source'
  | 'unreadable_body';

/** The store could not be reached or written. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}
