import { defineSignal } from '@temporalio/workflow';
import type { Clock } from '../domain/time/clock.js';
import type { RetentionStage } from './retention-stages.js';

/** Care of data: what is deleted when it is old enough, and what is erased because a person asks for it. */

/** The instants of one run: what lies before them is over. Fixed at its start, so that every page means the same. */
export interface RetentionPlan {
  readonly clock: Clock;
  /** Virtual epoch ms: of the close of an onboarding, else of the receipt of an event that concerns none. */
  readonly events: number;
  readonly eventsBySource: Readonly<Record<string, number>>;
  /** Virtual epoch ms, of the close. */
  readonly sends: number;
  /** Real epoch ms. */
  readonly rejections: number;
  readonly audit: number;
  /** Virtual epoch ms, of outgoing messages; absent in a run that began before there were any. */
  readonly messages?: number;
  /** Virtual epoch ms: when it was made; absent in a run that began before payloads had ends of their own. */
  readonly at?: number;
}

export interface PurgePage {
  readonly stage: RetentionStage;
  readonly plan: RetentionPlan;
  readonly cursor: string | null;
}

export interface Purged {
  /** Where the next page begins; null where the stage is through. */
  readonly cursor: string | null;
  readonly deleted: number;
}

export type RetentionTally = Readonly<Record<RetentionStage, number>>;

/** The input of the `retention` workflow: nothing from the schedule, or where the run before went to. */
export interface RetentionInput {
  readonly plan: RetentionPlan;
  readonly stage: RetentionStage;
  readonly cursor: string | null;
  readonly deleted: RetentionTally;
  /** History events after which a run continues as new; tests force it. */
  readonly maxHistory?: number;
}

/** The input of the `erasure` workflow: an id alone. Whom it is of stands in the store, and never in a history. */
export interface ErasureInput {
  readonly erasure: string;
  readonly stage: ErasureStage;
  readonly cursor: string | null;
  /** Workflows that closed since the last cleaning. */
  readonly ended: number;
  readonly maxHistory?: number;
}

/** `learn` finds the person's words in the archive, the next ones clean, `settle` waits for what is still open. */
export const ERASURE_STAGES = [
  'learn',
  'archive',
  'onboardings',
  'escalations',
  'decision_log',
  'sends',
  'audit',
] as const;
export type ErasurePass = (typeof ERASURE_STAGES)[number];
export type ErasureStage = ErasurePass | 'settle';

/** One workflow an erasure. */
export const erasureWorkflowId = (erasure: string): string => `erasure/${erasure}`;

/** The schedule of retention, and the workflow it starts: the server adds the instant to the id. */
export const RETENTION_SCHEDULE = 'retention';

/** Something may have closed: look again at what an erasure waits for. */
export const lookAgainSignal = defineSignal('lookAgain');

/** What the care workflows may ask of the world. */
export interface CareActivities {
  planRetention(): Promise<RetentionPlan>;
  purge(page: PurgePage): Promise<Purged>;
  /** Wakes or starts the workflow of every erasure that is not done. */
  resumeErasures(): Promise<{ readonly resumed: number }>;
  /** One entry in the audit log, however often it is tried. */
  concludeRetention(run: { readonly run: string; readonly deleted: RetentionTally }): Promise<void>;
  eraseFrom(page: {
    readonly erasure: string;
    readonly pass: ErasurePass;
    readonly cursor: string | null;
  }): Promise<{ readonly cursor: string | null; readonly erased: number }>;
  /** Deletes what has closed; tells what is still open, and what Temporal has not let go of yet. */
  settleErasure(page: { readonly erasure: string }): Promise<ErasureProgress>;
  concludeErasure(page: { readonly erasure: string }): Promise<void>;
}

export interface ErasureProgress {
  readonly open: number;
  /** Told to go, and still listed by the server. */
  readonly deleting: number;
  /** Found closed by this look: what they wrote last has to be cleaned once more. */
  readonly ended: number;
}

/** The server side of care. A call that fails throws `GatewayError`. */
export interface CareGateway {
  /** Triggers the schedule now; a run that is under way is left alone. */
  runRetention(): Promise<void>;
  /** Real epoch ms of the next run of the schedule; null where it is paused or missing. */
  nextRetention(): Promise<number | null>;
  /** Starts the erasure's workflow, or has the one under way look again. */
  resumeErasure(erasure: string): Promise<void>;
  /**
   * Deletes every run of a workflow that has ended: `none` where the server knows of no run any more. With `evenRunning`
   * one that runs is ended first, else it is `open`.
   */
  deleteRuns(workflowId: string, options: { readonly evenRunning: boolean }): Promise<'none' | 'deleting' | 'open'>;
}

/** Deletes what is over, one bounded page at a time. Every call throws `StoreUnavailable` where it cannot be reached. */
export interface RetentionStore {
  purge(page: PurgePage): Promise<Purged>;
}

export interface AskedErasure {
  readonly subject: ErasureSubject;
  readonly by: string;
  readonly reason: string;
}

export type ErasureSubject =
  | { readonly kind: 'customer'; readonly customerId: string }
  | { readonly kind: 'contact'; readonly contactId?: string; readonly email?: string };

export interface Erasure {
  readonly id: string;
  readonly kind: ErasureSubject['kind'];
  readonly customerId: string | null;
  readonly contactId: string | null;
  /** `waiting`: the store is clean, and workflows that know the person are still open. */
  readonly state: 'erasing' | 'waiting' | 'done';
  readonly by: string;
  readonly reason: string;
  /** Real epoch ms. */
  readonly askedAt: number;
  readonly doneAt: number | null;
  /** Records that held the person's data and were cleaned, by kind. */
  readonly erased: Readonly<Partial<Record<ErasurePass, number>>>;
  readonly workflows: readonly ErasureWorkflow[];
}

export interface ErasureWorkflow {
  readonly workflowId: string;
  readonly state: 'open' | 'deleting' | 'deleted';
}

export interface ErasureStore {
  ask(erasure: AskedErasure): Promise<Erasure>;
  find(id: string): Promise<Erasure | undefined>;
  /** Newest first. */
  list(filter: { readonly limit: number; readonly cursor?: string }): Promise<{
    readonly data: readonly Erasure[];
    readonly next_cursor: string | null;
  }>;
  /** Ids of those that are not done, oldest first. */
  unfinished(): Promise<readonly string[]>;
  /** Cleans one page; idempotent. */
  erase(
    id: string,
    pass: ErasurePass,
    cursor: string | null,
  ): Promise<{ readonly cursor: string | null; readonly erased: number }>;
  /** `mayEnd`: it is a customer's, which ends by itself never, and none of their onboardings is open. */
  workflows(id: string): Promise<readonly (ErasureWorkflow & { readonly mayEnd: boolean })[]>;
  note(id: string, workflows: readonly ErasureWorkflow[]): Promise<void>;
  /** Forgets the person's words, too: only the record of what was done is left. */
  conclude(id: string): Promise<void>;
}
