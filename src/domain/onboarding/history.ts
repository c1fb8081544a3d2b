/** What the facts of an onboarding add up to: the fold's result, plain JSON, and the base that later facts go on from. */
export interface History {
  /** The latest instant folded in; an older fact is late. */
  readonly upTo: number;
  readonly createdAt: number | null;
  readonly firstSeenAt: number;
  readonly name: string | null;
  readonly customerId: string | null;
  readonly org: string | null;
  readonly displayId: string | null;
  /** Every stay in a phase, oldest first. */
  readonly phases: readonly PhaseStay[];
  /** Every value of the record's state, oldest first, in the sender's words. */
  readonly states: readonly {
    readonly state: string;
    readonly waiting: boolean;
    readonly from: number;
    readonly moved: boolean;
  }[];
  readonly risks: readonly RiskSpan[];
  readonly launchedAt: number | null;
  /**
   * Launches after that one, oldest first, where a move between may have taken the one before back: whether it did is
   * for the policy, which knows the order of phases. Absent where there is none.
   */
  readonly relaunches?: readonly number[];
  readonly completedAt: number | null;
  /** Every target in force, first promise first; `date` null where it was cleared. */
  readonly targets: readonly { readonly date: string | null; readonly at: number }[];
  readonly roles: Readonly<Record<RecordRole, string | null>>;
  /** When the owner last changed. */
  readonly ownerSince: number | null;
  readonly activityAt: number | null;
  readonly activity: string | null;
  readonly tasksDone: number;
}

export type RecordRole = 'owner' | 'csm' | 'se' | 'designer' | 'product_ops';

export interface PhaseStay {
  readonly phase: string;
  readonly from: number;
  /** No event showed the entry: `from` is the first sight of it. */
  readonly atLeast: boolean;
}

export interface RiskSpan {
  readonly from: number;
  readonly to: number | null;
  /** Instants of the risk events in the span. */
  readonly events: readonly number[];
}
