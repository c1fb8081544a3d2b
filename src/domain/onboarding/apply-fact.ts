import type { Fact, RecordFields } from '../event/fact.js';
import { append, type Draft, ONE_ACT_MS, replaceLast, withRiskEvent } from './draft.js';
import { applyCompletion, applyLaunch, completionClaim, isDone, launchClaim, noteRelaunch } from './ending.js';
import { applyPhase, applyState } from './stays.js';

/** Applies the next fact in order. A fact says what its record shows; what it does not show stays as it was. */
export function applyFact(draft: Draft, fact: Fact, core: number): void {
  draft.upTo = Math.max(draft.upTo, fact.at);
  identify(draft, fact.record);
  const isCreation = fact.kind === 'created' && draft.createdAt === null;
  const before = draft.states.at(-1)?.state;
  const changes = [applyPhase(draft, fact), applyState(draft, fact)];
  const after = draft.states.at(-1)?.state;
  applyRisk(draft, fact, before, after);
  changes.push(applyTarget(draft, fact), applyOwner(draft, fact));
  changes.push(applyLaunch(draft, launchClaim(fact)));
  noteRelaunch(draft, fact);
  changes.push(applyCompletion(draft, completionClaim(fact, isDone(after) && !isDone(before), core)));
  changes.push(applyTask(draft, fact));
  if (isCreation) draft.createdAt = fact.at;
  noteActivity(draft, fact.at, isCreation ? ['created'] : changes);
}

/** Activity is what somebody did; risk flags, customer events and repeats leave it alone, so as not to hide silence. */
function noteActivity(draft: Draft, at: number, changes: readonly (string | null)[]): void {
  const said = changes.filter((change) => change !== null);
  if (!said.length) return;
  draft.activityAt = at;
  draft.activity = said.join(', ');
}

function identify(draft: Draft, record: RecordFields): void {
  if (record.name !== undefined) draft.name = record.name;
  if (record.customerId !== undefined) draft.customerId = record.customerId;
  if (record.org !== undefined) draft.org = record.org;
  if (record.displayId !== undefined) draft.displayId = record.displayId;
}

/**
 * The risk flag: set and cleared by its events, or by the state word `at_risk` where a sender speaks it as a state.
 * Both within a minute are one act, and one piece of evidence.
 */
function applyRisk(draft: Draft, fact: Fact, before: string | undefined, after: string | undefined): void {
  const isNamed = fact.kind === 'at_risk' || fact.kind === 'back_on_track';
  const isRaised = isNamed ? fact.kind === 'at_risk' : after === 'at_risk' && before !== 'at_risk';
  const isCleared = isNamed ? fact.kind === 'back_on_track' : before === 'at_risk' && after !== 'at_risk';
  const last = draft.risks.at(-1);
  const open = last && last.to === null ? last : undefined;
  if (isRaised && !open) append(draft, 'risks', { from: fact.at, to: null, events: [fact.at] });
  if (isRaised && open && fact.at - (open.events.at(-1) ?? open.from) > ONE_ACT_MS)
    replaceLast(draft.risks, { ...open, events: withRiskEvent(open.events, fact.at) });
  if (isCleared && open) replaceLast(draft.risks, { ...open, to: fact.at });
}

/**
 * The ledger of targets: every value that a record shows and the one before it did not, `null` where it was cleared. An
 * event that names the date before the first one we see gives the first promise. A record that shows the date before a
 * shift, within a minute of it and without claiming a change, is an older snapshot.
 */
function applyTarget(draft: Draft, fact: Fact): string | null {
  const date = fact.record.target;
  if (date === undefined) return null;
  const claimed = fact.previous.target;
  if (!draft.targets.length && typeof claimed === 'string' && claimed !== date)
    append(draft, 'targets', { date: claimed, at: fact.at });
  const held = draft.targets.at(-1);
  if (held?.date === date || (held && claimed === undefined && isOldTarget(draft, held.at, date, fact.at))) return null;
  append(draft, 'targets', { date, at: fact.at });
  if (!held && (draft.createdAt === null || date === null)) return null;
  return date === null ? 'target cleared' : `target ${held?.date ? 'moved' : 'set'} to ${date}`;
}

function isOldTarget(draft: Draft, heldAt: number, shown: string | null, at: number): boolean {
  const before = draft.targets.at(-2);
  return at === heldAt || (at - heldAt <= ONE_ACT_MS && before !== undefined && before.date === shown);
}

function applyOwner(draft: Draft, fact: Fact): string | null {
  const { owner, csm, se, designer, productOps } = fact.record;
  const { roles } = draft;
  if (csm !== undefined) roles.csm = csm;
  if (se !== undefined) roles.se = se;
  if (designer !== undefined) roles.designer = designer;
  if (productOps !== undefined) roles.product_ops = productOps;
  if (owner === undefined || owner === roles.owner) return null;
  const claimed = fact.previous.owner;
  // At one instant a change that names the owner before it counts, and no snapshot beside it.
  if (claimed === undefined && draft.ownerSince === fact.at) return null;
  const wasKnown = draft.ownerSince !== null || claimed !== undefined || draft.createdAt !== null;
  roles.owner = owner;
  draft.ownerSince = fact.at;
  return wasKnown ? 'owner changed' : null;
}

function applyTask(draft: Draft, fact: Fact): string | null {
  if (fact.kind !== 'task') return null;
  draft.tasksDone++;
  return `task done: ${fact.task?.title ?? 'without a title'}`;
}
