import type { EscalationStatus, SendKind, SendStatus } from '../escalation/escalation.js';
import type { Mode } from '../policy/policy-file.js';
import type { RuleName, Severity } from '../policy/policy.js';
import type { Health } from './health.js';

/** An onboarding as the API, the outgoing messages and the read model show it (design section 7). ISO 8601 UTC. */
export interface OnboardingView {
  readonly id: string;
  readonly org: string | null;
  readonly workspace: string;
  readonly mode: Mode;
  readonly customer_id: string | null;
  readonly name: string | null;
  readonly phase: string | null;
  readonly state: 'running' | 'held' | 'launched' | 'completed';
  readonly hold: null | 'paused' | 'waiting' | 'blocked' | 'customer';
  readonly health: Health;
  readonly at_risk: boolean;
  readonly phase_entered_at: string | null;
  /** The phase's entry was not seen: `phase_entered_at` is the first sight of it. */
  readonly phase_entered_at_least: boolean;
  readonly target: { readonly first: string | null; readonly latest: string | null; readonly shifts: readonly TargetShift[] };
  readonly created_at: string | null;
  readonly launched_at: string | null;
  readonly completed_at: string | null;
  readonly last_activity_at: string | null;
  /** Person id where the policy knows the owner, else the record's own word. */
  readonly owner: string | null;
  readonly escalations: readonly EscalationView[];
  /** Time spent in a phase beyond its `stuck` threshold, holds left out, wall ms. */
  readonly stalled_ms: number;
  readonly next_wake_at: string | null;
  readonly next_wake_reason: string | null;
  readonly events: { readonly applied: number; readonly duplicates: number; readonly late: number };
  readonly closed: boolean;
  readonly workflow_id: string;
  readonly temporal_url: string | null;
}

export interface TargetShift {
  readonly from: string | null;
  readonly to: string | null;
  readonly at: string;
}

export interface EscalationView {
  readonly id: string;
  readonly onboarding_id: string;
  readonly rule: RuleName;
  readonly severity: Severity;
  readonly status: EscalationStatus;
  readonly level: number;
  readonly opened_at: string;
  readonly reason: string;
  readonly evidence: readonly string[];
  readonly acknowledged: { readonly by: string; readonly at: string; readonly expires_at: string } | null;
  readonly snoozed_until: string | null;
  readonly resolved: { readonly by: string | null; readonly at: string; readonly reason: string } | null;
  readonly assigned_to: string | null;
  readonly notes: readonly { readonly by: string; readonly at: string; readonly text: string }[];
  readonly sends: readonly SendView[];
}

export interface SendView {
  readonly key: string;
  readonly channel: string;
  readonly recipient: string;
  readonly kind: SendKind;
  readonly level: number;
  readonly fallback: boolean;
  readonly at: string | null;
  readonly due_at: string;
  readonly status: SendStatus;
  readonly tries: number;
  readonly error: string | null;
  readonly provider_id: string | null;
}
