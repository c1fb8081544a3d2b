import { setTimeout as pause } from 'node:timers/promises';
import { type Client, ServiceError } from '@temporalio/client';
import type { Escalation, EventList, EventView, Onboarding, StatusView, Timeline } from '../../../src/contracts/api.js';
import { type Gateway, GatewayError } from '../../../src/contracts/gateway.js';
import { parseWorkflowId } from '../../../src/contracts/ids.js';
import { customerStateQuery } from '../../../src/contracts/messages.js';
import type { EntityKey } from '../../../src/domain/event/key.js';
import { type Seen, hasSeen } from '../../../src/domain/onboarding/seen.js';
import type { Console } from '../../../src/simulator/console.js';
import { grouped } from './grouped.js';
import { readWorkflows, type WorkflowSeen } from './histories.js';

/** What a workflow says of the events it took in. */
export interface Applied {
  readonly count: number;
  readonly has: (eventId: string) => boolean;
}

/** A row of the archive: of which event, what became of it, and of which workflow it is. */
export type Archived = Pick<EventView, 'id' | 'type' | 'status' | 'workflow_id'>;

/** Everything the checker looks at, gathered once the system is quiet. */
export interface Observed {
  readonly at: number;
  readonly workflows: readonly WorkflowSeen[];
  /** By workflow id; a workflow that could not be asked is absent. */
  readonly applied: ReadonlyMap<string, Applied>;
  /** The archive, by event id; a body that came under a used id is a row of its own. */
  readonly archive: ReadonlyMap<string, readonly Archived[]>;
  /** By workflow id. */
  readonly onboardings: ReadonlyMap<string, Onboarding>;
  readonly escalations: readonly Escalation[];
}

export interface Sources {
  readonly console: Console;
  readonly temporal: Client;
  /** `createGateway(...).state`: looks at a running onboarding without a query, which could disturb it. */
  readonly state: Gateway['state'];
  /** Temporal's list filter; empty for all of the namespace. */
  readonly query?: string;
}

const AT_ONCE = 4;
const LOOK_EVERY_MS = 250;
/** A quiet system gives the same answer so many times. */
const SAME_LOOKS = 3;
/** A workflow whose task has just been cut off three times answers nobody until a worker has taken it up again. */
const ANSWERS_WITHIN_MS = 60_000;

/** Waits until nothing is pending in the inbox and nothing new is applied. Throws when that takes longer. */
export async function untilQuiet({ console }: Pick<Sources, 'console'>, withinMs: number): Promise<void> {
  const until = performance.now() + withinMs;
  let before = '';
  for (let same = 0; same < SAME_LOOKS; ) {
    const now = await look(console).catch((error: unknown) => `unanswered: ${String(error)}`);
    same = now === before && now.startsWith('pending 0 ') ? same + 1 : 0;
    before = now;
    if (performance.now() > until) throw new Error(`It did not become quiet within ${withinMs} ms: ${now}.`);
    await new Promise((wake) => setTimeout(wake, LOOK_EVERY_MS));
  }
}

async function look(console: Console): Promise<string> {
  const { inbox } = await console.get<StatusView>('/api/v1/status');
  const { data } = await console.get<{ data: readonly Onboarding[] }>('/api/v1/onboardings?limit=200&sort=-updated');
  return `pending ${inbox.pending} applied ${data.reduce((sum, one) => sum + one.events.applied, 0)}`;
}

export async function observe(sources: Sources): Promise<Observed> {
  const [workflows, onboardings, escalations, events] = await Promise.all([
    readWorkflows(sources.temporal, sources.query),
    sources.console.all<Onboarding>('/api/v1/onboardings'),
    sources.console.all<Escalation>('/api/v1/escalations'),
    sources.console.all<EventList['data'][number]>('/api/v1/events'),
  ]);
  return {
    at: Date.now(),
    workflows,
    applied: await appliedBy(workflows, { ...sources, written: (key) => writtenOf(key, sources.console) }),
    archive: grouped<Archived>(events, (event) => event.id),
    onboardings: new Map(onboardings.map((one) => [one.workflow_id, one])),
    escalations,
  };
}

/** Whom to ask what a workflow applied. */
export interface Asked extends Pick<Sources, 'temporal' | 'state'> {
  /** Ids of events that the written decision log calls applied: it keeps what a workflow has long forgotten. */
  readonly written: (key: EntityKey) => Promise<readonly string[]>;
}

export async function appliedBy(
  workflows: readonly WorkflowSeen[],
  asked: Asked,
): Promise<ReadonlyMap<string, Applied>> {
  const found = new Map<string, Applied>();
  const waiting = [...workflows];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const applied = await askPatiently(next, asked);
      if (applied) found.set(next.workflowId, applied);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return found;
}

/** Undefined where it does not answer at all: that is found by what rests on it. */
async function askPatiently(workflow: WorkflowSeen, asked: Asked): Promise<Applied | undefined> {
  for (const until = performance.now() + ANSWERS_WITHIN_MS; performance.now() < until; await pause(1_000)) {
    try {
      return await ask(workflow, asked);
    } catch (error) {
      if (!(error instanceof GatewayError || error instanceof ServiceError)) throw error;
    }
  }
  return undefined;
}

async function ask({ workflowId, pending }: WorkflowSeen, asked: Asked): Promise<Applied | undefined> {
  const parsed = parseWorkflowId(workflowId);
  if (parsed?.type === 'customer') {
    // A query that meets a message at a worker which does not hold the workflow disturbs it: only what is quiet is asked.
    if (pending.taskTries > 0) return undefined;
    const state = await asked.temporal.workflow.getHandle(workflowId).query(customerStateQuery);
    return { count: state.counts.applied, has: seenIn(state.seen) };
  }
  return parsed?.type === 'onboarding' ? onboardingApplied(parsed.key, asked) : undefined;
}

/** Three places tell that an event was applied: the ids a workflow remembers, its log, and the log that was written. */
async function onboardingApplied(key: EntityKey, { state, written }: Asked): Promise<Applied | undefined> {
  const own = await state(key);
  if (!own) return undefined;
  const unwritten = own.log.flatMap(({ what }) => (what.kind === 'applied' ? what.events : []));
  const logged = new Set([...unwritten, ...(await written(key))]);
  const remembered = seenIn(own.seen);
  return { count: own.counts.applied, has: (id) => logged.has(id) || remembered(id) };
}

async function writtenOf({ id, workspace, mode }: EntityKey, console: Console): Promise<readonly string[]> {
  const path = `/api/v1/onboardings/${encodeURIComponent(id)}/timeline`;
  const choice = `workspace=${encodeURIComponent(workspace)}&mode=${mode}`;
  const ids: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: Timeline = await console.get<Timeline>(`${path}?limit=1000&${choice}${after}`);
    for (const { event_id, applied_at } of page.data) if (event_id !== null && applied_at !== null) ids.push(event_id);
    cursor = page.next_cursor;
  }
  return ids;
}

const seenIn = (seen: Seen) => (eventId: string) => hasSeen(seen, eventId);
