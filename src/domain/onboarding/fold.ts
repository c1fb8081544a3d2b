import { CORE } from '../core.js';
import type { Fact } from '../event/fact.js';
import { applyFact } from './apply-fact.js';
import { type Draft, draftOf } from './draft.js';
import type { History } from './history.js';
import { applyLateFact } from './late.js';
import { distinct, instants, nextOf, placeOf } from './order-facts.js';

/**
 * What the facts of an onboarding add up to: `fold(sort(dedupe(facts)))`, going on from `base`. Any order and any
 * repetition of the same facts give the same history, because the order they come in is never looked at (design
 * section 2). Facts at or before `base.upTo` are late: they are applied as far as that is sound.
 *
 * Without base and facts: an empty history that begins at 0. `core` is the one that reads them (`core.ts`).
 */
export function fold(base: History | null, facts: readonly Fact[], core = CORE): History {
  return walk(base, facts, core).draft;
}

/** The facts in the order in which they are folded, each once; late ones first. */
export function orderFacts(facts: readonly Fact[], base: History | null = null): readonly Fact[] {
  return walk(base, facts, CORE).order;
}

/** Whether a fact concerns a time that was compacted into the base: one at its very end is late as well. */
export function isLate(base: History, fact: Fact, core = CORE): boolean {
  return placeOf(fact, core) <= base.upTo;
}

/** The base with a late fact applied, as far as that is sound: a launch date yes, an old phase no. */
export function applyLate(base: History, fact: Fact, core = CORE): History {
  const draft = draftOf(base, base.firstSeenAt);
  applyLateFact(draft, fact, core);
  return draft;
}

/**
 * Folds the oldest facts into the base so that about `keep` remain; facts of one instant stay together, since their
 * order depends on each other. `fold(compact(b, f, k).base, compact(b, f, k).facts)` is `fold(b, f)`.
 */
export function compact(
  base: History | null,
  facts: readonly Fact[],
  keep: number,
  core = CORE,
): { readonly base: History | null; readonly facts: readonly Fact[] } {
  const sorted = distinct(facts, core);
  let end = Math.max(0, sorted.length - keep);
  while (end > 0 && end < sorted.length && isOneInstant(sorted.slice(end - 1, end + 1), core)) end++;
  if (end === 0) return { base, facts: sorted };
  return { base: fold(base, sorted.slice(0, end), core), facts: sorted.slice(end) };
}

const isOneInstant = (facts: readonly Fact[], core: number): boolean => instants(facts, core).length === 1;

/** What stands later in the order happened no earlier, whenever it was received: a history never goes back in time. */
const notBefore = (upTo: number, fact: Fact): Fact => (fact.at < upTo ? { ...fact, at: upTo } : fact);

function walk(base: History | null, facts: readonly Fact[], core: number): { draft: Draft; order: Fact[] } {
  const sorted = distinct(facts, core);
  const draft = draftOf(base, sorted[0]?.at ?? 0);
  const late = base ? sorted.filter((fact) => isLate(base, fact, core)) : [];
  for (const fact of late) applyLateFact(draft, fact, core);
  const order = [...late];
  for (const group of instants(late.length ? sorted.slice(late.length) : sorted, core)) {
    const left = [...group];
    while (left.length) {
      const [fact] = left.splice(nextOf(left, draft), 1) as [Fact];
      applyFact(draft, notBefore(draft.upTo, fact), core);
      order.push(fact);
    }
  }
  return { draft, order };
}
