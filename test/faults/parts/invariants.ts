import { messageId } from '../../../src/channels/message-id.js';
import type { Escalation } from '../../../src/contracts/api.js';
import { parseWorkflowId } from '../../../src/contracts/ids.js';
import { escapePart } from '../../../src/domain/escalation/escalation-id.js';
import { type Clock, toReal } from '../../../src/domain/time/clock.js';
import { spread } from './figures.js';
import type { Finding } from './finding.js';
import { grouped } from './grouped.js';
import type { LateTimer, WorkflowSeen } from './histories.js';
import type { HookDouble } from './hook-double.js';
import type { Ledger } from './ledger.js';
import type { MemoryLog } from './memory.js';
import type { Message } from './message.js';
import type { Observed } from './observe.js';

/** I0: the books of the sender balance, else the run is void and nothing below means anything. */
export function booksBalance(ledger: Ledger): Finding {
  const { posts, events, resolved } = ledger.figures();
  const note = `${events.acked} acked, ${events.rejected} rejected, ${events.unresolved} unresolved; ${resolved} resolved by a retry`;
  return {
    id: 'I0',
    what: 'sent = acked + rejected + unknown',
    n: posts.sent,
    violations: ledger.faults().map((fault) => `void: ${fault}`),
    note,
  };
}

/** I1: every acknowledged event is archived, and in the applied list of one workflow, its own; or it is recorded as late. */
export function noneLost(ledger: Ledger, observed: Observed, workspace = 'main'): Finding {
  const homes = homesOf(observed.workflows);
  const acked = ledger.ended('acked');
  let late = 0;
  const violations = acked.flatMap(({ message, quarantined }) => {
    const rows = observed.archive.get(message.eventId) ?? [];
    if (rows.length === 0 && !quarantined) return [`${message.eventId} was acknowledged and is not in the archive`];
    if (quarantined || !message.subject) return [];
    if (rows.some(({ status }) => status === 'late')) {
      late++;
      return [];
    }
    return lossOf(message, observed, homes, workspace);
  });
  const note = late > 0 ? `${late} recorded as late` : '';
  return { id: 'I1', what: 'acknowledged events lost', n: acked.length, violations, note };
}

function lossOf(
  { eventId, subject }: Message,
  { applied, archive }: Observed,
  homes: ReadonlyMap<string, ReadonlySet<string>>,
  workspace: string,
): string[] {
  const rows = archive.get(eventId) ?? [];
  const own = rows[0]?.workflow_id ?? `${subject?.kind}/${escapePart(workspace)}/${escapePart(subject?.id ?? '')}`;
  const found = [...(homes.get(eventId) ?? [])];
  if (found.length > 1) return [`${eventId} went to ${found.length} workflows: ${found.join(', ')}`];
  if (found.length === 0) return [`${eventId} (${rows.map(({ status }) => status).join(', ')}) was never signalled`];
  if (found[0] !== own) return [`${eventId} went to ${found[0]} instead of ${own}`];
  const workflow = applied.get(own);
  if (!workflow) return [`${own} could not be asked whether it applied ${eventId}`];
  return workflow.has(eventId) ? [] : [`${eventId} was signalled to ${own} and not applied`];
}

/** I2: a workflow counts each distinct event it was signalled once, over all its runs. */
export function noneDoubled(observed: Observed): Finding {
  let n = 0;
  let repeats = 0;
  const violations = observed.workflows.flatMap(({ workflowId, signalled }) => {
    const workflow = observed.applied.get(workflowId);
    if (!workflow) return [];
    const distinct = new Set(signalled).size;
    n += distinct;
    repeats += signalled.length - distinct;
    if (workflow.count > distinct)
      return [`${workflowId} applied ${workflow.count} events and was signalled ${distinct}`];
    return workflow.count < distinct ? [`${workflowId} applied ${workflow.count} of ${distinct} events`] : [];
  });
  return { id: 'I2', what: 'events applied twice, or not', n, violations, note: `${repeats} repeats signalled` };
}

export interface Heard {
  /** The channel's name in the policy. */
  readonly channel: string;
  readonly double: HookDouble;
  /** A receiver that drops repeats by their id sees none of them. */
  readonly honoursId: boolean;
  /** Repeats that the kind of fault makes unavoidable, such as one a kill after the call. */
  readonly mayRepeat?: number;
}

/** I3: each send reached the receiver once, none that is called sent is missing, and the receiver was not surprised. */
export function eachSendOnce(observed: Observed, hooks: readonly Heard[]): Finding {
  let n = 0;
  let repeats = 0;
  const violations = hooks.flatMap(({ channel, double, honoursId, mayRepeat = 0 }) => {
    const known = sendsOf(observed.escalations, channel);
    n += known.size;
    repeats += double.repeats;
    const missing = [...known].filter(([id, send]) => send.status === 'sent' && !double.taken.has(id));
    const strange = [...double.taken.values()].filter(
      ({ id, escalation }) => !known.has(id) && !isPruned(observed, escalation),
    );
    return [
      ...missing.map(([, { key }]) => `${key} counts as sent and never arrived`),
      ...strange.map(({ id, escalation }) => `${id} of ${escalation} arrived and is none of its sends`),
      ...(!honoursId && double.repeats > mayRepeat
        ? [`${double.repeats} messages arrived twice, ${mayRepeat} may`]
        : []),
      ...double.surprises.map((surprise) => `channel ${channel}: ${surprise}`),
    ];
  });
  return { id: 'I3', what: 'sends doubled, missing or odd', n, violations, note: `${repeats} repeats under one id` };
}

interface SendSeen {
  readonly key: string;
  readonly status: string;
}

function sendsOf(escalations: readonly Escalation[], channel: string): ReadonlyMap<string, SendSeen> {
  const mine = escalations.flatMap(({ sends }) => sends.filter((send) => send.channel === channel));
  return new Map(mine.map(({ key, status }) => [messageId(key), { key, status }]));
}

/** An escalation keeps its last 40 sends. */
const isPruned = ({ escalations }: Observed, id: string): boolean =>
  (escalations.find((one) => one.id === id)?.sends.length ?? 0) >= 40;

/** I4: nothing that was refused, and nothing the sender never made, reached the archive or a workflow. */
export function noneForged(ledger: Ledger, forged: ReadonlySet<string>, observed: Observed): Finding {
  const homes = homesOf(observed.workflows);
  const refused = new Set([...forged, ...ledger.ended('rejected').map(({ message }) => message.eventId)]);
  const made = new Set(ledger.accounts.map(({ message }) => message.eventId));
  const violations = [
    ...[...refused].filter((id) => observed.archive.has(id)).map((id) => `${id} was refused and is in the archive`),
    ...[...refused].filter((id) => homes.has(id)).map((id) => `${id} was refused and reached Temporal`),
    ...[...homes.keys()].filter((id) => !made.has(id) && !refused.has(id)).map((id) => `nobody made ${id}`),
  ];
  return { id: 'I4', what: 'refused requests that got through', n: refused.size, violations };
}

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

/** A task that failed so often does not pass by itself. */
const STUCK_AFTER_TRIES = 5;
const OVERDUE_MS = 60_000;

/** I6: every open workflow waits for something, and what it waits for can still come. */
export function noneStuck(observed: Observed): Finding {
  const open = observed.workflows.filter(({ status }) => status === 'RUNNING');
  const violations = open.flatMap((workflow) => {
    const why = stuckBecause(workflow, observed);
    return why === null ? [] : [`${workflow.workflowId} ${why}`];
  });
  return { id: 'I6', what: 'open workflows that are stuck', n: open.length, violations };
}

function stuckBecause({ workflowId, type, pending }: WorkflowSeen, { at, onboardings }: Observed): string | null {
  if (pending.taskTries >= STUCK_AFTER_TRIES) return `is at try ${pending.taskTries} of one workflow task`;
  const overdue = pending.timers.filter((due) => due < at - OVERDUE_MS);
  if (overdue.length > 0) return `has a timer that was due ${new Date(overdue[0] ?? 0).toISOString()}`;
  if (pending.timers.length > 0 || pending.activities > 0 || pending.taskTries > 0) return null;
  // A customer acts on messages alone.
  if (type === 'customer') return null;
  const view = onboardings.get(workflowId);
  if (!view) return 'has no timer, no activity, no task, and is in no list';
  if (view.next_wake_at !== null) return `wants to wake at ${view.next_wake_at} and has no timer`;
  // A ladder that was climbed to its end: now it is a person's turn.
  if (view.escalations.some(({ status }) => status !== 'resolved')) return null;
  return view.hold === null ? 'has no timer, no activity, no task and no reason' : null;
}

/** I7: no run ever met a history that its code does not reproduce. */
export function noneDiverged(observed: Observed): Finding {
  const runs = observed.workflows.reduce((sum, { runs }) => sum + runs, 0);
  const causes = observed.workflows.flatMap(({ taskFailures }) => taskFailures);
  const violations = observed.workflows
    .filter(({ taskFailures }) => taskFailures.some((cause) => /NON_DETERMINISTIC/.test(cause)))
    .map(({ workflowId }) => `${workflowId} met a history that its code does not reproduce`);
  const counts = [...grouped(causes, (cause) => cause)].map(([cause, all]) => `${all.length} ${short(cause)}`);
  const note = counts.length > 0 ? `task failures: ${counts.join(', ')}` : 'no task failure';
  return { id: 'I7', what: 'non-deterministic tasks', n: runs, violations, note };
}

const short = (cause: string): string => cause.replace('WORKFLOW_TASK_FAILED_CAUSE_', '').toLowerCase();

/** I8: two ways of hearing one set of events end in the same state. */
export function sameEnds<T>(pairs: readonly { readonly name: string; readonly one: T; readonly other: T }[]): Finding {
  const violations = pairs
    .filter(({ one, other }) => JSON.stringify(one) !== JSON.stringify(other))
    .map(({ name }) => `${name} ended differently`);
  return { id: 'I8', what: 'orders that end differently', n: pairs.length, violations };
}

const MOST_GROWTH = 0.05;

/** I9: memory does not grow in the last half of a soak. */
export function memoryIsFlat(memory: MemoryLog, mostMb = Infinity): Finding {
  const growth = memory.growth();
  const violations = growth.flatMap(({ name, share, peakMb }) => [
    ...(share > MOST_GROWTH ? [`${name} grew by ${(share * 100).toFixed(1)} % in the last half`] : []),
    ...(peakMb > mostMb ? [`${name} took ${peakMb.toFixed(0)} MB, ${mostMb} are allowed`] : []),
  ]);
  const note = growth.map(({ name, peakMb }) => `${name} ${peakMb.toFixed(0)} MB`).join(', ');
  const n = growth.reduce((sum, one) => sum + one.n, 0);
  return { id: 'I9', what: 'processes that grow', n, violations, note };
}

/** To which workflows each event was signalled. */
function homesOf(workflows: readonly WorkflowSeen[]): ReadonlyMap<string, ReadonlySet<string>> {
  const homes = new Map<string, Set<string>>();
  for (const { workflowId, signalled } of workflows)
    for (const id of signalled) homes.set(id, (homes.get(id) ?? new Set()).add(workflowId));
  return homes;
}
