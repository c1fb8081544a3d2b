import type { Escalation } from '../../../src/contracts/api.js';
import { parseWorkflowId } from '../../../src/contracts/ids.js';
import { type Clock, toReal } from '../../../src/domain/time/clock.js';
import { spread } from './figures.js';
import type { Finding } from './finding.js';
import { isFrozen } from './frozen.js';
import type { LateTimer, WorkflowSeen } from './histories.js';
import type { Observed } from './observe.js';
import { mayLeaveUntil, type Outage } from './outage.js';

export interface Punctuality {
  readonly clock: Clock;
  readonly outages: readonly Outage[];
  /** Real ms after the due instant; I5 says 5 s with workers up. */
  readonly withinMs?: number;
}

export const PUNCTUAL_MS = 5_000;

/**
 * I5: what needed one try was neither early nor later than allowed, and what was never tried does not wait for longer.
 * Sends that failed first wait by the rules of a retry. What was late for something that was broken, or for a timer that
 * Temporal itself fired late, is told beside it.
 */
export function sendsInTime(observed: Observed, { clock, outages, withinMs = PUNCTUAL_MS }: Punctuality): Finding {
  const verdict = judgeOf(observed.workflows, outages, withinMs);
  const lags: number[] = [];
  const excused = { broken: 0, timer: 0 };
  const violations = observed.escalations.flatMap((escalation) =>
    escalation.sends.flatMap((send) => {
      const left = leftAt(send, clock) ?? (isWaiting(send, escalation, observed) ? observed.at : null);
      if (left === null) return [];
      const due = toReal(clock, Date.parse(send.due_at));
      const name = `${send.key} of ${escalation.id}`;
      if (send.status === 'sent') lags.push(left - due);
      if (send.status === 'sent' && left < due - 1) return [`${name} was sent ${due - left} ms early`];
      const why = verdict(escalation.onboarding_id, due, left);
      if (why === 'broken' || why === 'timer') excused[why]++;
      if (why !== 'late') return [];
      if (send.status === 'waiting') return [`${name} was due ${send.due_at} and was never tried`];
      return [`${name} was sent ${((left - due) / 1_000).toFixed(1)} s late`];
    }),
  );
  const { p50, p99, max } = spread(lags);
  const note = [
    `after due: p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, max ${max.toFixed(0)} ms`,
    ...(excused.broken ? [`${excused.broken} late for what was broken`] : []),
    ...(excused.timer ? [`${excused.timer} waited for timers that Temporal fired late`] : []),
  ];
  return { id: 'I5', what: 'escalations not in time', n: lags.length, violations, note: note.join('; ') };
}

/** Of all that needed one try, from the due instant, real ms. */
export function slowestOf({ escalations }: Observed, clock: Clock): number {
  const lags = escalations.flatMap(({ sends }) =>
    sends.flatMap((send) => {
      const left = leftAt(send, clock);
      return left === null ? [] : [left - toReal(clock, Date.parse(send.due_at))];
    }),
  );
  return Math.max(0, ...lags);
}

type Send = Escalation['sends'][number];

/** Real epoch ms, of a chase that needed one try. */
function leftAt({ kind, status, tries, at }: Send, clock: Clock): number | null {
  if (kind !== 'notified' || status !== 'sent' || tries !== 1 || at === null) return null;
  return toReal(clock, Date.parse(at));
}

/** A chase that was never tried, and that nothing but time keeps back. */
function isWaiting({ kind, status, tries }: Send, escalation: Escalation, { onboardings }: Observed): boolean {
  if (kind !== 'notified' || status !== 'waiting' || tries > 0 || escalation.status !== 'open') return false;
  const own = [...onboardings.values()].find(({ id }) => id === escalation.onboarding_id);
  return own === undefined || !isFrozen(escalation.rule, own.hold);
}

type Verdict = 'in time' | 'broken' | 'timer' | 'late';

function judgeOf(workflows: Observed['workflows'], outages: readonly Outage[], withinMs: number) {
  const byOnboarding = onboardingsOf(workflows);
  const away = outages.filter(({ stops }) => stops === 'acts');
  return (onboarding: string, due: number, left: number): Verdict => {
    if (left <= due + withinMs) return 'in time';
    const workflow = byOnboarding.get(onboarding);
    const wasBroken = outages.some(({ from, to }) => from <= left && to >= due);
    const heard = wasBroken ? heardAt(workflow?.signalledAt ?? [], left) : 0;
    if (left <= Math.max(mayLeaveUntil(due, away, withinMs), heard + withinMs)) return 'broken';
    return left <= firedAt(workflow?.lateTimers ?? [], due) + withinMs ? 'timer' : 'late';
  };
}

/** Timers are whole seconds, rounded up. */
const TIMER_GRAIN_MS = 1_000;

/** When the late timer fired that was to bring what is due; 0 where there was none. */
function firedAt(timers: readonly LateTimer[], due: number): number {
  const its = timers.filter((one) => one.due <= due + TIMER_GRAIN_MS && one.fired >= due);
  return Math.max(0, ...its.map(({ fired }) => fired));
}

/** The last word that came before it left: nothing leaves while what was received is not applied. 0 where there was none. */
function heardAt(signalledAt: readonly number[], left: number): number {
  return Math.max(0, ...signalledAt.filter((at) => at <= left));
}

/** By the id of the onboarding. */
function onboardingsOf(workflows: Observed['workflows']): ReadonlyMap<string, WorkflowSeen> {
  return new Map(
    workflows.flatMap((workflow) => {
      const named = parseWorkflowId(workflow.workflowId);
      return named?.type === 'onboarding' ? [[named.key.id, workflow] as const] : [];
    }),
  );
}
