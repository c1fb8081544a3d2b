import { defineQuery } from '@temporalio/workflow';
import type { Difference } from '../domain/compare-states.js';
import type { CustomerState } from '../domain/customer/state.js';
import type { EntityKey } from '../domain/event/key.js';
import type { LogEntry } from '../domain/onboarding/log.js';
import type { EscalationView, OnboardingView } from '../domain/onboarding/present.js';
import type { OnboardingState } from '../domain/onboarding/state.js';
import type { Told } from '../domain/remake.js';
import type { Projection } from './activities.js';

/** Making anew what follows from archive and decision log: workflows, one or all, and the read model. */

/** What making workflows anew asks of the Temporal server. A call that fails throws `GatewayError`. */
export interface RebuildGateway {
  state(key: EntityKey): Promise<OnboardingState | undefined>;
  health(): Promise<{ readonly reachable: boolean }>;
  /** What the latest run's history says, also of one whose state cannot be asked; undefined where there never was one. */
  history(key: EntityKey): Promise<RunHistory | undefined>;
  /** Ends the run there is, at once and without a word of its own; nothing where none runs. */
  stop(key: EntityKey, reason: string): Promise<void>;
  /** Starts a run from a state. Throws `GatewayRefusal` (`RebuildOvertaken`) where one runs by now. */
  restart(state: OnboardingState, answered: readonly string[]): Promise<void>;
  /** The same for a customer; one that runs goes on as it is. */
  restartCustomer(state: CustomerState): Promise<void>;
  /** Starts the workflow that makes the read model anew, or leaves the one under way. */
  startReadModelRebuild(): Promise<void>;
  /** Of the latest one; undefined where none is remembered. */
  readModelRebuild(): Promise<(RebuildProgress & { readonly running: boolean }) | undefined>;
}

export interface RunHistory {
  readonly running: boolean;
  /** Its task has failed several times in a row: nobody who asks it is answered. */
  readonly failing: boolean;
  /** Entries that the run before had not written to the store. */
  readonly log: readonly LogEntry[];
  readonly told: readonly Told[];
  /** Ids of the updates it answered, and the runs before it: a repeat of one is answered and not carried out again. */
  readonly answered: readonly string[];
}

/** One onboarding: shown first, then made anew. */
export interface OnboardingRebuild {
  /** Undefined where no event ever spoke of it. */
  look(key: EntityKey): Promise<RebuildLook | undefined>;
  /** Throws `RebuildRefusal`. */
  carryOut(key: EntityKey, order: RebuildOrder): Promise<RebuildLook>;
}

export interface RebuildOrder {
  /** `confirm` of the look it rests on. */
  readonly confirm: string;
  readonly by: string;
  readonly reason: string;
}

export interface RebuildLook {
  /** `stuck`: it runs and does not answer. `unknown`: the Temporal server has never heard of it, or forgot it. */
  readonly workflow: 'running' | 'ended' | 'stuck' | 'unknown';
  /** Empty where nothing differs, and where there is no present state to compare with. */
  readonly differences: readonly Difference[];
  /** Null where the workflow cannot be asked. */
  readonly presentDigest: string | null;
  readonly rebuiltDigest: string;
  /** Names this very look: it no longer fits once anything has happened. */
  readonly confirm: string;
  /** Events and words of people that are not in the decision log and go into the rebuilt state all the same. */
  readonly unlogged: { readonly events: number; readonly told: number };
  /** Events that the log names and the archive no longer holds: without them nothing can be made anew. */
  readonly missing: number;
  readonly rebuilt: OnboardingView;
}

export class RebuildRefusal extends Error {
  override readonly name = 'RebuildRefusal';
  constructor(
    readonly code: 'RebuildOutdated' | 'RebuildIncomplete' | 'UnknownOnboarding',
    message: string,
  ) {
    super(message);
  }
}

/** The read model, one onboarding at a time. */
export interface ReadModelRebuild {
  /** Workflow ids of every onboarding that the archive knows, after the cursor, in order. */
  workflows(after: string | null, limit: number): Promise<readonly string[]>;
  /** `unanswered`: its workflow did not answer, so that archive and log spoke for it. */
  rebuild(workflowId: string): Promise<'rebuilt' | 'unanswered'>;
}

/** What the store has for it beside what everybody reads. Throws `StoreUnavailable`. */
export interface RebuildStore {
  workflows(after: string | null, limit: number): Promise<readonly string[]>;
  /** Of the row there is; null where there is none. */
  revision(key: EntityKey): Promise<number | null>;
  /** Writes a row again unless its workflow wrote it since `revision` was read. */
  write(remade: RemadeRow, revision: number | null): Promise<void>;
  /** Puts every signalled event of customers back into the inbox. */
  reviveCustomers(): Promise<number>;
}

export interface RemadeRow {
  readonly projection: Omit<Projection, 'revision' | 'log' | 'escalations'>;
  /** Those that its workflow has at hand. */
  readonly escalations: readonly EscalationView[];
  /** Those it has let go of: a row of its own is left alone. */
  readonly past: readonly EscalationView[];
  /** A customer's, which another onboarding carries by now: written only where no row is. */
  readonly handedOver: readonly EscalationView[];
}

export interface RebuildInput {
  readonly cursor: string | null;
  readonly progress: RebuildProgress;
  /** History events after which it continues as new; tests force it. */
  readonly maxHistory?: number;
}

export interface RebuildProgress {
  readonly rebuilt: number;
  readonly unanswered: number;
  /** Workflow ids of the first of those. */
  readonly examples: readonly string[];
}

export interface RebuildPage {
  readonly cursor: string | null;
  readonly rebuilt: number;
  readonly unanswered: readonly string[];
}

/** What the `rebuild` workflow asks of the world: one page of onboardings at a time. */
export interface RebuildActivities {
  rebuildReadModel(page: { readonly cursor: string | null; readonly limit: number }): Promise<RebuildPage>;
}

export const READ_MODEL_REBUILD = 'rebuild/read-model';
export const progressQuery = defineQuery<RebuildProgress>('getProgress');
