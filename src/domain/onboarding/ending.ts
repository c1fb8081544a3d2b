import { decidesAs } from '../core.js';
import type { Fact } from '../event/fact.js';
import { type Draft, MOST_RELAUNCHES, ONE_ACT_MS } from './draft.js';

/** States that say an onboarding is over, in the sender's words; the phase `completed` alone says nothing. */
const DONE: ReadonlySet<string> = new Set(['completed', 'done']);

export function isDone(state: string | undefined): boolean {
  return state !== undefined && DONE.has(state);
}

/** The instant a fact says it launched: the record's own, where that is not a plan, else the event's. */
export function launchClaim(fact: Fact): number | null {
  const own = past(fact.record.launchedAt, fact.at);
  return own ?? (fact.kind === 'launched' ? fact.at : null);
}

/**
 * The instant a fact says it was completed, by event, by a date in the record, or by a change of its state. An event
 * counts from its own instant, since the record's date may lie before a resume that it ended.
 */
export function completionClaim(fact: Fact, becameDone: boolean, core: number): number | null {
  if (fact.kind === 'completed' && decidesAs({ core }, 3)) return fact.at;
  const own = past(fact.record.completedAt, fact.at);
  return own ?? (fact.kind === 'completed' || becameDone ? fact.at : null);
}

/**
 * The first launch stays, an earlier one that a record names wins. After a completion that was undone, a launch is a
 * new one.
 */
export function applyLaunch(draft: Draft, claim: number | null): string | null {
  if (claim === null) return null;
  const { launchedAt, completedAt } = draft;
  if (launchedAt === null) {
    draft.launchedAt = claim;
    return 'launched';
  }
  const isOfEarlierLap = completedAt !== null && launchedAt > completedAt && claim <= completedAt;
  if (claim < launchedAt && !isOfEarlierLap) draft.launchedAt = claim;
  if (completedAt === null || launchedAt > completedAt || claim <= completedAt || !isUndone(draft, completedAt))
    return null;
  draft.launchedAt = claim;
  return 'launched again';
}

/**
 * A launch after one that an explicit move may have taken back. A `launched` event is one at its own instant too, since
 * its record may go on naming the first.
 */
export function noteRelaunch(draft: Draft, fact: Fact): void {
  const own = past(fact.record.launchedAt, fact.at);
  for (const claim of [own, fact.kind === 'launched' ? fact.at : null]) {
    const { launchedAt, relaunches = [] } = draft;
    if (claim === null || launchedAt === null || claim < launchedAt) continue;
    const before = Math.max(launchedAt, ...relaunches.filter((at) => at <= claim));
    if (isMovedBetween(draft, before + ONE_ACT_MS, claim))
      draft.relaunches = [...relaunches, claim].sort((a, b) => a - b).slice(-MOST_RELAUNCHES);
  }
}

const isMovedBetween = (draft: Draft, from: number, to: number): boolean =>
  draft.phases.some((stay) => !stay.atLeast && stay.from > from && stay.from < to);

/**
 * Repeats of a completion say nothing. A later one counts only where something between the two may have undone it;
 * whether it did is for the policy, which knows the order of phases.
 */
export function applyCompletion(draft: Draft, claim: number | null): string | null {
  if (claim === null) return null;
  const { completedAt } = draft;
  if (completedAt !== null && (claim <= completedAt + ONE_ACT_MS || !isUndone(draft, completedAt))) return null;
  draft.completedAt = claim;
  return completedAt === null ? 'completed' : 'completed again';
}

/** Within a minute only a state event undoes it: the rest is told of the same act, with snapshots of before and after. */
function isUndone(draft: Draft, end: number): boolean {
  const later = end + ONE_ACT_MS;
  return (
    draft.states.some((stay) => !isDone(stay.state) && stay.from > (stay.moved ? end : later)) ||
    draft.phases.some((stay) => !stay.atLeast && stay.from > later)
  );
}

function past(claimed: number | null | undefined, at: number): number | null {
  return typeof claimed === 'number' && claimed <= at ? claimed : null;
}
