import type { Client } from '@temporalio/client';
import proto, { type temporal } from '@temporalio/proto';
import { instantOf } from './instant.js';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type Payload = temporal.api.common.v1.IPayload;

/** One workflow id with all its runs, as Temporal's histories show it. */
export interface WorkflowSeen {
  readonly workflowId: string;
  readonly type: string;
  /** Oldest first. */
  readonly runIds: readonly string[];
  /** Of the last run. */
  readonly status: string;
  /** Event ids in signals, in order, as often as they came. */
  readonly signalled: readonly string[];
  /** When each signal of any kind came, of any run, real epoch ms. */
  readonly signalledAt: readonly number[];
  /** Since when it has been open, or was at its end, through all the runs that went on as the next; real epoch ms. */
  readonly openSince: number;
  /** Causes of workflow-task failures, of any run. */
  readonly taskFailures: readonly string[];
  /** Timers that Temporal itself fired late, of any run. */
  readonly lateTimers: readonly LateTimer[];
  /** What the last run waits for. */
  readonly pending: {
    /** When each timer is to fire, real epoch ms. */
    readonly timers: readonly number[];
    readonly activities: number;
    /** Tries of the workflow task under way; 0 where there is none. */
    readonly taskTries: number;
  };
}

/** Real epoch ms. */
export interface LateTimer {
  readonly due: number;
  readonly fired: number;
}

const AT_ONCE = 8;
/** A server with other work fires within this. */
const LATE_TIMER_MS = 1_000;
const SIGNALS = new Set(['events', 'customerEvents']);
const { WorkflowTaskFailedCause } = proto.temporal.api.enums.v1;

/**
 * Reads every workflow that the query finds (Temporal's list filter; all where it is empty), each with all its runs. The
 * list lags behind, so each run is followed back to the one that it continues.
 */
export async function readWorkflows(client: Client, query = ''): Promise<readonly WorkflowSeen[]> {
  const listed = new Map<string, string[]>();
  for await (const { workflowId, runId } of client.workflow.list(query === '' ? {} : { query }))
    listed.set(workflowId, [...(listed.get(workflowId) ?? []), runId]);
  const waiting = [...listed.entries()];
  const seen: WorkflowSeen[] = [];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) seen.push(await readWorkflow(client, ...next));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return seen;
}

async function readWorkflow(client: Client, workflowId: string, listed: readonly string[]): Promise<WorkflowSeen> {
  const { status, type, raw, runId } = await client.workflow.getHandle(workflowId).describe();
  const runs = await readRuns(client, workflowId, [runId, ...listed]);
  const all = runs.flatMap(({ events }) => events);
  const signalled: string[] = [];
  const taskFailures: string[] = [];
  for (const event of all) {
    signalled.push(...(await eventIds(client, event)));
    const failure = event.workflowTaskFailedEventAttributes;
    if (failure) taskFailures.push(WorkflowTaskFailedCause[failure.cause ?? 0] ?? String(failure.cause));
  }
  return {
    workflowId,
    type,
    runIds: runs.map((run) => run.runId),
    status: status.name,
    signalled,
    signalledAt: all.flatMap((one) => (one.workflowExecutionSignaledEventAttributes ? [instantOf(one.eventTime)] : [])),
    openSince: openSince(runs, runId),
    taskFailures,
    lateTimers: runs.flatMap(({ events }) => lateTimers(events)),
    pending: {
      timers: pendingTimers(runs.at(-1)?.events ?? []),
      activities: raw.pendingActivities?.length ?? 0,
      taskTries: raw.pendingWorkflowTask ? (raw.pendingWorkflowTask.attempt ?? 1) : 0,
    },
  };
}

interface Run {
  readonly runId: string;
  /** The run that went on as this one; undefined of a first one. */
  readonly before: string | undefined;
  readonly startedAt: number;
  readonly events: readonly HistoryEvent[];
}

function openSince(runs: readonly Run[], last: string): number {
  const run = runs.find(({ runId }) => runId === last);
  const before = runs.find(({ runId }) => runId === run?.before);
  return before ? openSince(runs, before.runId) : (run?.startedAt ?? 0);
}

/** Oldest first. */
async function readRuns(client: Client, workflowId: string, known: readonly string[]): Promise<readonly Run[]> {
  const runs = new Map<string, Run>();
  const waiting = [...known];
  for (let runId = waiting.shift(); runId !== undefined; runId = waiting.shift()) {
    if (runs.has(runId)) continue;
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const [first] = events ?? [];
    const before = first?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId || undefined;
    runs.set(runId, { runId, before, startedAt: instantOf(first?.eventTime), events: events ?? [] });
    if (before) waiting.push(before);
  }
  return [...runs.values()].sort((a, b) => a.startedAt - b.startedAt);
}

/** Also of what the workflow left out as unreadable: whatever has an id counts as signalled. */
async function eventIds(client: Client, event: HistoryEvent): Promise<string[]> {
  const signal = event.workflowExecutionSignaledEventAttributes;
  if (!signal || !SIGNALS.has(signal.signalName ?? '')) return [];
  const facts: unknown = await decoded(client, signal.input?.payloads?.[0]);
  if (!Array.isArray(facts)) return [];
  return facts.flatMap((fact: unknown) => {
    const id = (fact as { id?: unknown } | null)?.id;
    return typeof id === 'string' ? [id] : [];
  });
}

async function decoded(client: Client, payload: Payload | undefined): Promise<unknown> {
  if (!payload) return undefined;
  const { payloadConverter, payloadCodecs } = client.options.loadedDataConverter;
  let plain = [payload];
  for (const codec of [...payloadCodecs].reverse()) plain = await codec.decode(plain);
  return payloadConverter.fromPayload(plain[0] ?? payload);
}

function pendingTimers(events: readonly HistoryEvent[]): number[] {
  const open = new Map<string, number>();
  for (const event of events) {
    const started = event.timerStartedEventAttributes;
    const ended = event.timerFiredEventAttributes ?? event.timerCanceledEventAttributes;
    if (started) open.set(started.timerId ?? '', instantOf(event.eventTime) + spanOf(started.startToFireTimeout));
    if (ended) open.delete(ended.timerId ?? '');
  }
  return [...open.values()];
}

/** Of one run. Only what fired: one that was cancelled was late for nobody. */
export function lateTimers(events: readonly HistoryEvent[]): readonly LateTimer[] {
  const dueOf = new Map<string, number>();
  const late: LateTimer[] = [];
  for (const { eventTime, timerStartedEventAttributes: started, timerFiredEventAttributes: ended } of events) {
    if (started) dueOf.set(started.timerId ?? '', instantOf(eventTime) + spanOf(started.startToFireTimeout));
    const due = ended && dueOf.get(ended.timerId ?? '');
    const fired = instantOf(eventTime);
    if (due && fired > due + LATE_TIMER_MS) late.push({ due, fired });
  }
  return late;
}

const spanOf = (span: temporal.api.history.v1.ITimerStartedEventAttributes['startToFireTimeout']): number =>
  span ? instantOf(span) : 0;
