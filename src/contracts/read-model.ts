import type { EntityKey } from '../domain/event/key.js';
import type { LogEntry } from '../domain/onboarding/log.js';
import type { EscalationView, OnboardingView } from '../domain/onboarding/present.js';
import type { OnboardingState } from '../domain/onboarding/state.js';
import type { Policy } from '../domain/policy/policy.js';
import type { GateQuestion, NotifyOrder, NotifyResult, Projection } from './activities.js';

/** What workflows project, for lists, the console and `why`. Nothing is decided from it. */
export interface ReadModel {
  project(projection: Projection): Promise<void>;
  onboarding(id: string, choose?: { workspace?: string; mode?: 'live' | 'test' }): Promise<OnboardingRow | undefined>;
  onboardings(filter: OnboardingFilter): Promise<Page<OnboardingView>>;
  escalations(filter: EscalationFilter): Promise<Page<EscalationView>>;
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

export interface Page<T> {
  readonly data: readonly T[];
  readonly next_cursor: string | null;
}

export interface OnboardingFilter {
  readonly health?: string;
  readonly phase?: string;
  readonly state?: string;
  readonly owner?: string;
  readonly escalated?: boolean;
  readonly customer_id?: string;
  readonly mode?: 'live' | 'test';
  readonly workspace?: string;
  readonly q?: string;
  readonly sort?: string;
  readonly limit: number;
  readonly cursor?: string;
}

export interface EscalationFilter {
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
  intend(order: NotifyOrder): Promise<{ readonly sent: { readonly providerId?: string; readonly atReal: number } | null }>;
  conclude(key: string, result: NotifyResult): Promise<void>;
  /** Takes back the intent of a send the gate holds. */
  withdraw(key: string): Promise<void>;
}

/** Tells whether a source is catching up, so that nobody is chased for a state long past (design section 4). */
export interface Gate {
  ask(question: GateQuestion): Promise<{ readonly open: true; readonly note?: string } | { readonly open: false; readonly until: number; readonly reason: string }>;
}

/** Published policies by hash; the newest publication is in force. */
export interface PolicyStore {
  current(): Promise<StoredPolicy | undefined>;
  byHash(hash: string): Promise<StoredPolicy | undefined>;
  /** Idempotent by hash; a hash published before becomes current again. */
  publish(policy: StoredPolicy): Promise<void>;
  history(limit: number): Promise<readonly { hash: string; publishedAt: number }[]>;
}

export interface StoredPolicy {
  readonly hash: string;
  /** The YAML as it was written. */
  readonly source: string;
  readonly policy: Policy;
}
