import { parseWorkflowId } from '../../../src/contracts/ids.js';
import { type Clock, toReal } from '../../../src/domain/time/clock.js';
import { spread } from './figures.js';
import type { Finding } from './finding.js';
import type { LateTimer } from './histories.js';
import type { Observed } from './observe.js';

/** Real epoch ms between which no worker was up, or nobody could be reached. */
export interface Outage {
  readonly from: number;
  readonly to: number;
}

export interface Punctuality {
  readonly clock: Clock;
  readonly outages: readonly Outage[];
  /** Real ms after the due instant; I5 says 5 s with workers up. */
  readonly withinMs?: number;
  /** Real ms after the workers are back. */
  readonly afterOutageMs?: number;
}

/**
 * I5: what needed one try was neither early nor later than allowed. Sends that failed first wait by the rules of a retry.
 * What waited for a timer that Temporal itself fired late is told beside it: nothing of Slipway's acts before that.
 */
export function sendsInTime(observed: Observed, rules: Punctuality): Finding {
  const { clock, outages, withinMs = 5_000, afterOutageMs = 60_000 } = rules;
  const timersOf = lateTimersOf(observed.workflows);
  const lags: number[] = [];
  let excused = 0;
  const violations = observed.escalations.flatMap(({ id, onboarding_id, sends }) =>
    sends.flatMap(({ key, kind, status, tries, at, due_at }) => {
      if (kind !== 'notified' || status !== 'sent' || tries !== 1 || at === null) return [];
      const due = toReal(clock, Date.parse(due_at));
      const sent = toReal(clock, Date.parse(at));
      lags.push(sent - due);
      if (sent < due - 1) return [`${key} of ${id} was sent ${due - sent} ms early`];
      const away = outages.filter(({ from, to }) => from <= sent && to >= due - withinMs);
      const allowed = Math.max(due + withinMs, ...away.map(({ to }) => to + afterOutageMs));
      if (sent <= allowed) return [];
      if (sent <= firedAt(timersOf.get(onboarding_id) ?? [], due) + withinMs) excused += 1;
      else return [`${key} of ${id} was sent ${((sent - due) / 1_000).toFixed(1)} s late`];
      return [];
    }),
  );
  const { p50, p99, max } = spread(lags);
  const note = `after due: p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, max ${max.toFixed(0)} ms`;
  const beside = excused === 0 ? '' : `; ${excused} waited for timers that Temporal fired late`;
  return { id: 'I5', what: 'escalations not in time', n: lags.length, violations, note: note + beside };
}

/** Timers are whole seconds, rounded up. */
const TIMER_GRAIN_MS = 1_000;

/** When the late timer fired that was to bring what is due; 0 where there was none. */
function firedAt(timers: readonly LateTimer[], due: number): number {
  const its = timers.filter((one) => one.due <= due + TIMER_GRAIN_MS && one.fired >= due);
  return Math.max(0, ...its.map(({ fired }) => fired));
}

/** By the id of the onboarding. */
function lateTimersOf(workflows: Observed['workflows']): ReadonlyMap<string, readonly LateTimer[]> {
  return new Map(
    workflows.flatMap(({ workflowId, lateTimers }) => {
      const named = parseWorkflowId(workflowId);
      return named?.type === 'onboarding' ? [[named.key.id, lateTimers] as const] : [];
    }),
  );
}
