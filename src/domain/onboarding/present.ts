import { decidesAs } from '../core.js';
import type { Wake } from '../decision.js';
import type { Escalation, EscalationStatus, Send, SendKind, SendStatus } from '../escalation/escalation.js';
import { recordOwner } from '../escalation/recipients.js';
import type { Mode } from '../policy/policy-file.js';
import type { RuleName, Severity } from '../policy/policy.js';
import { phasePolicy } from '../policy/phases.js';
import { runningMs } from '../time/stops.js';
import { assessHealth } from './assess-health.js';
import type { Health } from './health.js';
import { completionOf, livedThrough } from './lifecycle.js';
import { clockDue, historyOf, type Situation, situate } from './situation.js';
import type { History } from './history.js';
import type { OnboardingState } from './state.js';
import { targetShifts } from './target.js';
import { isStopped } from '../time/stops.js';

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
  readonly target: {
    readonly first: string | null;
    readonly latest: string | null;
    readonly shifts: readonly TargetShift[];
  };
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

/**
 * The onboarding as it stands at `now`. Before the first policy came, what depends on one is shown as if nothing were
 * wrong. `workflow_id` and `temporal_url` belong to the shell, which fills them in.
 */
export function presentOnboarding(state: OnboardingState, now: number, wake: Wake | null): OnboardingView {
  const history = historyOf(state);
  const s = state.policy ? situate(state, state.policy, now) : null;
  const shifts = targetShifts(history.targets);
  const stay = history.phases.at(-1);
  const risk = history.risks.at(-1);
  return {
    id: state.key.id,
    org: history.org,
    workspace: state.key.workspace,
    mode: state.key.mode,
    customer_id: history.customerId,
    name: history.name,
    phase: stay?.phase ?? null,
    state: s ? stateOf(s) : stateWithoutPolicy(history),
    hold: s ? holdOf(s) : null,
    health: s ? assessHealth(s).health : 'on_track',
    at_risk: risk !== undefined && risk.to === null,
    phase_entered_at: stay ? iso(stay.from) : null,
    phase_entered_at_least: stay?.atLeast ?? false,
    target: {
      first: history.targets.find((target) => target.date !== null)?.date ?? null,
      latest: history.targets.at(-1)?.date ?? null,
      shifts: shifts.map((shift) => ({ ...shift, at: iso(shift.at) })),
    },
    created_at: isoOrNull(history.createdAt),
    launched_at: isoOrNull(s ? launchShown(s) : history.launchedAt),
    completed_at: isoOrNull(s ? completionOf(history, s.policy) : history.completedAt),
    last_activity_at: isoOrNull(history.activityAt),
    owner: s ? (recordOwner(s)?.id ?? history.roles.owner ?? history.roles.csm) : history.roles.owner,
    escalations: state.escalations.map((one) => presentEscalation(state, one)),
    stalled_ms: s ? stalledMs(s) : 0,
    next_wake_at: wake ? iso(wake.at) : null,
    next_wake_reason: wake?.label ?? null,
    events: state.counts,
    closed: s?.life === 'closed' || state.endedAt !== null,
    workflow_id: '',
    temporal_url: null,
  };
}

export function presentEscalation(state: OnboardingState, escalation: Escalation): EscalationView {
  const { acknowledged, snoozed, resolved } = escalation;
  return {
    id: escalation.id,
    onboarding_id: state.key.id,
    rule: escalation.rule,
    severity: escalation.severity,
    status: escalation.status,
    level: escalation.level,
    opened_at: iso(escalation.openedAt),
    reason: escalation.reason,
    evidence: escalation.evidence,
    acknowledged: acknowledged
      ? { by: acknowledged.by.id, at: iso(acknowledged.at), expires_at: iso(acknowledged.expiresAt) }
      : null,
    snoozed_until: isoOrNull(snoozed?.until ?? null),
    resolved: resolved ? { by: resolved.by?.id ?? null, at: iso(resolved.at), reason: resolved.reason } : null,
    assigned_to: escalation.assigned?.id ?? null,
    notes: escalation.notes.map((note) => ({ by: note.by.id, at: iso(note.at), text: note.text })),
    sends: escalation.sends.map(presentSend),
  };
}

function presentSend(send: Send): SendView {
  return {
    key: send.key,
    channel: send.channel,
    recipient: send.recipient.id,
    kind: send.kind,
    level: send.level,
    fallback: send.fallback,
    at: isoOrNull(send.sentAt ?? null),
    due_at: iso(send.dueAt),
    status: send.status,
    tries: send.tries,
    error: send.error ?? null,
    provider_id: send.providerId ?? null,
  };
}

/** Of a closed one, how far it had come: that it is closed is told beside it. */
function stateOf(s: Situation): OnboardingView['state'] {
  const isTold = s.life !== 'closed' || !decidesAs(s.state, 3);
  const life = isTold ? s.life : livedThrough(s.state, s.history, s.policy);
  if (life === 'completed') return 'completed';
  if (holdOf(s)) return 'held';
  return life === 'launched' ? 'launched' : 'running';
}

/** Which state holds and which ends is the policy's to say; what its own events say is known without it. */
function stateWithoutPolicy({ completedAt, launchedAt }: History): OnboardingView['state'] {
  if (completedAt !== null) return 'completed';
  return launchedAt === null ? 'running' : 'launched';
}

function holdOf(s: Situation): OnboardingView['hold'] {
  if (isStopped(s.stops.customer, s.now)) return 'customer';
  return s.hold?.state ?? null;
}

/** One that was taken back is shown again once it is completed: no second launch was told, and it must have been live. */
function launchShown(s: Situation): number | null {
  return s.launchedAt ?? (s.life === 'completed' ? s.history.launchedAt : null);
}

/** Wall time beyond `stuck` in every phase before the launch, holds left out. */
function stalledMs(s: Situation): number {
  const end = s.launchedAt ?? s.history.completedAt ?? s.now;
  let total = 0;
  for (const [index, stay] of s.history.phases.entries()) {
    const left = Math.min(s.history.phases[index + 1]?.from ?? s.now, end);
    const due = clockDue(s, stay.from, phasePolicy(s.policy, stay.phase).stuck, 'any_hold');
    if (due !== null && due < left) total += runningMs(s.stops.any_hold, due, left);
  }
  return total;
}

const iso = (at: number): string => new Date(at).toISOString();
const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at));
