import type { EntityKey } from '../domain/event/key.js';
import type { LogEntry } from '../domain/onboarding/log.js';
import type { EscalationView, OnboardingView } from '../domain/onboarding/present.js';
import type { OnboardingState } from '../domain/onboarding/state.js';
import type { Policy } from '../domain/policy/policy.js';
import type { GateQuestion, NotifyOrder, NotifyResult, Projection } from './activities.js';
import type { AuditEntry } from './audit.js';
import type { Rejection, Route } from './inbox.js';
import type { Page } from './page.js';

export type { Page };

/** What workflows project, for lists, the console and `why`. Nothing is decided from it. */
export interface ReadModel {
  /** Answers the log entries that were not written before: of a repeat, none. */
  project(projection: Projection): Promise<readonly LogEntry[]>;
  onboarding(id: string, choose?: { workspace?: string; mode?: 'live' | 'test' }): Promise<OnboardingRow | undefined>;
  onboardings(filter: OnboardingFilter): Promise<Page<OnboardingView>>;
  escalations(filter: EscalationFilter): Promise<Page<EscalationView>>;
  /** By id, open or past, with the onboarding that carries it now: a customer's escalation outlives the one it was opened for. */
  escalation(id: string): Promise<{ readonly key: EntityKey; readonly view: EscalationView } | undefined>;
  log(key: EntityKey): Promise<readonly LogEntry[]>;
  /** The stored final state of a closed onboarding. */
  final(key: EntityKey): Promise<OnboardingState | undefined>;
  /** Workflow ids of open onboardings after the cursor, in id order. */
  openWorkflows(cursor: string | null, limit: number): Promise<readonly string[]>;
}

export interface OnboardingRow {
  readonly key: EntityKey;
  readonly view: OnboardingView;
  /** Events of this onboarding were signalled after the view was projected: ask the workflow for the latest. */
  readonly behind: boolean;
  readonly closed: boolean;
}

export interface OnboardingFilter {
  readonly health?: string;
  readonly phase?: string;
  readonly state?: string;
  readonly owner?: string;
  readonly escalated?: boolean;
  readonly closed?: boolean;
  readonly customer_id?: string;
  readonly mode?: 'live' | 'test';
  readonly workspace?: string;
  readonly q?: string;
  /** One of the API's `ONBOARDING_SORTS`, descending with `-`; by id where absent. */
  readonly sort?: string;
  readonly limit: number;
  readonly cursor?: string;
}

export interface EscalationFilter {
  /** A status, or `unresolved` for all but `resolved`. */
  readonly status?: string;
  readonly rule?: string;
  readonly onboarding_id?: string;
  readonly mode?: 'live' | 'test';
  readonly limit: number;
  readonly cursor?: string;
}

/** The record of sends: intent before the call, result after it, so that a repeat of the same key reads the result first. */
export interface SendLedger {
  /** Records the intent; answers the earlier result where this key was already sent. Throws `StoreUnavailable`. */
  intend(order: NotifyOrder): Promise<Intent>;
  /** A result of `later` takes the intent back and leaves a note that the gate held it. */
  conclude(key: string, result: NotifyResult): Promise<void>;
  /** Takes back the intent of a send that is not wanted any more, or not known to be permitted. */
  withdraw(key: string): Promise<void>;
}

export interface Intent {
  readonly sent: { readonly providerId?: string; readonly atReal: number } | null;
  /** Nothing of this key was recorded before: no try, and no hold of the gate. */
  readonly first?: boolean;
  /** The delivery id of the newest event of this onboarding; null where the archive has none any more. */
  readonly correlation?: string | null;
}

/** Tells whether a source is catching up, so that nobody is chased for a state long past (design section 4). */
export interface Gate {
  ask(
    question: GateQuestion,
  ): Promise<
    | { readonly open: true; readonly note?: string }
    | { readonly open: false; readonly until: number; readonly reason: string }
  >;
}

/** Published policies by hash; the newest publication is in force. */
export interface PolicyStore {
  current(): Promise<StoredPolicy | undefined>;
  byHash(hash: string): Promise<StoredPolicy | undefined>;
  /**
   * Idempotent by hash; a hash published before becomes current again. `entry` is its line of the audit log, for who does
   * not write one itself: in the same commit, and only where the policy was not in force already.
   */
  publish(policy: StoredPolicy, entry?: AuditEntry): Promise<void>;
  history(limit: number): Promise<readonly { hash: string; publishedAt: number }[]>;
}

export interface StoredPolicy {
  readonly hash: string;
  /** The YAML as it was written. */
  readonly source: string;
  readonly policy: Policy;
}

/** The archive of what was received, as people look at it. A cursor that is none throws `InvalidCursor`. */
export interface EventReads {
  /** Newest first. */
  events(filter: EventFilter): Promise<Page<EventRow>>;
  /** By `seq` (digits alone), else by the sender's event id: the newest row where several carry it. */
  event(ref: string): Promise<StoredEvent | undefined>;
  /** The newest `limit` rows that were routed to one workflow, oldest first. */
  eventsOf(workflowId: string, limit: number): Promise<readonly EventRow[]>;
}

export interface EventFilter {
  readonly type?: string;
  readonly source?: string;
  /** Of the workflow that it was routed to, as `mode` is; an unrouted event is of none. */
  readonly workspace?: string;
  readonly mode?: 'live' | 'test';
  readonly workflowId?: string;
  readonly status?: EventStatus;
  readonly limit: number;
  readonly cursor?: string;
}

/** `unrouted`: kept, but of no workflow (a ping, an unknown resource, a quarantined body). */
export type EventStatus = 'pending' | 'signalled' | 'late' | 'unrouted';

export interface EventRow {
  readonly seq: string;
  readonly eventId: string;
  readonly source: string;
  readonly type: string | null;
  readonly deliveryId: string;
  /** Real epoch ms. */
  readonly receivedAt: number;
  /** The same on the virtual clock. */
  readonly receivedVirtual: number;
  /** Virtual epoch ms. */
  readonly occurredAt: number | null;
  readonly status: EventStatus;
  readonly quarantined: 'not_json' | 'unknown_shape' | null;
  /** What it says, and to which workflow; null where it is unrouted. */
  readonly route: Route | null;
  readonly org: string | null;
  /** How often the very same event came again. */
  readonly duplicates: number;
}

export interface StoredEvent extends EventRow {
  readonly headers: Readonly<Record<string, string>>;
  /** The exact bytes that were signed. */
  readonly body: Buffer;
  /** Label of the secret that verified it. */
  readonly secret: string;
}

/** What was turned away at the edge, newest first. */
export interface RejectionReads {
  rejections(filter: {
    readonly reason?: string;
    readonly source?: string;
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<Page<Rejection & { readonly seq: string }>>;
}

/** A cursor that no list of this kind handed out. */
export class InvalidCursor extends Error {
  override readonly name = 'InvalidCursor';
}
