import type { Fact } from '../event/fact.js';
import type { Draft } from './draft.js';
import { completionClaim, isDone, launchClaim, noteRelaunch } from './ending.js';

/**
 * What may still be said of the time before the base: who it is, that it was created, launched or completed, a promise
 * before the first one known, the end of a risk, a task. An old phase, state or owner says nothing any more, because
 * what followed it is no longer known in order.
 */
export function applyLateFact(draft: Draft, fact: Fact, core: number): void {
  const { record } = fact;
  draft.firstSeenAt = Math.min(draft.firstSeenAt, fact.at);
  if (fact.kind === 'created') draft.createdAt = Math.min(draft.createdAt ?? fact.at, fact.at);
  draft.name ??= record.name ?? null;
  draft.customerId ??= record.customerId ?? null;
  draft.org ??= record.org ?? null;
  draft.displayId ??= record.displayId ?? null;
  lateEnds(draft, fact, core);
  firstPromise(draft, fact);
  riskEnd(draft, fact);
  if (fact.kind !== 'task') return;
  draft.tasksDone++;
  if (fact.at <= (draft.activityAt ?? -1)) return;
  draft.activityAt = fact.at;
  draft.activity = `task done: ${fact.task?.title ?? 'without a title'}`;
}

function lateEnds(draft: Draft, fact: Fact, core: number): void {
  const launch = launchClaim(fact);
  if (launch !== null && launch < (draft.launchedAt ?? Infinity) && !isOfEarlierLap(draft, launch))
    draft.launchedAt = launch;
  noteRelaunch(draft, fact);
  const completion = completionClaim(fact, isDone(fact.record.state ?? undefined), core);
  const latest = Math.max(draft.phases.at(-1)?.from ?? 0, draft.states.at(-1)?.from ?? 0);
  // A completion that something followed may have been undone by it; which came of which is forgotten.
  if (completion !== null && draft.completedAt === null && completion >= latest) draft.completedAt = completion;
}

function isOfEarlierLap(draft: Draft, launch: number): boolean {
  const { launchedAt, completedAt } = draft;
  return launchedAt !== null && completedAt !== null && launchedAt > completedAt && launch <= completedAt;
}

function firstPromise(draft: Draft, fact: Fact): void {
  const { target } = fact.record;
  const first = draft.targets[0];
  if (target === undefined || !first || fact.at >= first.at) return;
  if (first.date === target) draft.targets[0] = { ...first, at: fact.at };
  else draft.targets.unshift({ date: target, at: fact.at });
}

function riskEnd(draft: Draft, fact: Fact): void {
  const open = draft.risks.at(-1);
  if (fact.kind !== 'back_on_track' || !open || open.to !== null) return;
  const isNewer = open.events.every((at) => at < fact.at) && draft.states.at(-1)?.state !== 'at_risk';
  if (isNewer) draft.risks[draft.risks.length - 1] = { ...open, to: fact.at };
}
