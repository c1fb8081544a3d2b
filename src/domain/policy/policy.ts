import type { Calendar, OffsetChange } from '../time/calendar.js';
import type { Duration } from '../time/duration.js';

/** What a workspace decided about whom to chase, when and how: `slipway.yaml`, validated and compiled. */
export interface Policy {
  /** Content hash of the source; the version of the policy. */
  readonly hash: string;
  readonly workspace: {
    readonly timeZone: string;
    readonly calendar: string;
    /** Of `timeZone`, where it is not the calendar's: a civil date such as a target ends by them. */
    readonly offsets?: readonly OffsetChange[];
  };
  readonly calendars: Readonly<Record<string, Calendar>>;
  /** In order of the life cycle; an unknown phase counts as appended with `defaultPhase`. */
  readonly phases: readonly PhasePolicy[];
  readonly defaultPhase: { readonly behind: Duration; readonly stuck: Duration };
  /** The workspace's own state names, beside the built-in ones. */
  readonly states: Readonly<Record<string, StateMeaning>>;
  readonly people: readonly Person[];
  /** Role name to person id, for roles that the record does not carry, e.g. `exec_sponsor`. */
  readonly roles: Readonly<Record<string, string>>;
  /** Channel name to its type; addresses and secrets stay outside the policy that workflows see. */
  readonly channels: Readonly<Record<string, ChannelType>>;
  readonly ladders: Readonly<Record<string, readonly Level[]>>;
  readonly rules: RulePolicies;
  readonly acknowledge: { readonly expiresAfter: Duration };
  readonly coolDown: Duration;
  /** `null` = off: a person's resolve stays resolved for the episode. */
  readonly stillTrueAfter: Duration | null;
  readonly settle: Duration;
  readonly catchUp: Duration;
  readonly fallback: { readonly to: readonly string[]; readonly channels: readonly string[] };
  readonly graceAfterCompleted: Duration;
}

/** What a state of a record means to the clocks. */
export type StateMeaning = 'active' | 'paused' | 'waiting' | 'blocked' | 'completed' | 'closed';

export interface PhasePolicy {
  readonly name: string;
  readonly behind: Duration;
  readonly stuck: Duration;
}

export interface Person {
  readonly id: string;
  readonly name: string;
  /** Lower case. The first one is where e-mail goes. */
  readonly emails: readonly string[];
  readonly pivotalIds: readonly string[];
  readonly manager?: string;
  /** Key into `calendars`. */
  readonly calendar: string;
  readonly channels: readonly string[];
  /** `[from, to)` as instants: civil days of the person's own zone, compiled. */
  readonly timeOff: readonly TimeOff[];
}

export interface TimeOff {
  readonly from: number;
  readonly to: number;
  readonly delegate?: string;
}

export type ChannelType = 'log' | 'webhook' | 'email';

export interface Level {
  readonly after: Duration;
  /** `owner`, a role of the record, a role of the policy, a person id, or a channel name. */
  readonly to: readonly string[];
  /** Overrides each recipient's own channels. */
  readonly channels?: readonly string[];
  readonly repeat?: { readonly every: Duration; readonly times: number };
}

export const RULE_NAMES = [
  'stuck_in_phase',
  'no_activity',
  'at_risk',
  'target_near',
  'target_passed',
  'target_moved',
  'waiting_too_long',
  'launched_not_completed',
  'customer_at_risk',
  'customer_churned',
] as const;
export type RuleName = (typeof RULE_NAMES)[number];

export type Severity = 'normal' | 'high';

export interface RulePolicy {
  readonly ladder: string;
  readonly severity: Severity;
  /** A send of this rule may reach its recipient outside working hours. */
  readonly anyHour: boolean;
}

/** A rule that is off is absent. */
export interface RulePolicies {
  readonly stuck_in_phase?: RulePolicy;
  readonly no_activity?: RulePolicy & { readonly after: Duration };
  readonly at_risk?: RulePolicy & { readonly after: Duration };
  readonly target_near?: RulePolicy & { readonly within: Duration };
  readonly target_passed?: RulePolicy;
  readonly target_moved?: RulePolicy & { readonly times: number; readonly days: number };
  readonly waiting_too_long?: RulePolicy & {
    readonly after: Readonly<Record<'waiting' | 'blocked' | 'paused', Duration>>;
  };
  readonly launched_not_completed?: RulePolicy & { readonly after: Duration };
  readonly customer_at_risk?: RulePolicy;
  readonly customer_churned?: RulePolicy;
}
