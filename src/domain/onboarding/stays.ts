import type { Fact } from '../event/fact.js';
import { append, type Draft, ONE_ACT_MS, replaceLast } from './draft.js';
import type { History, PhaseStay } from './history.js';

type StateStay = History['states'][number];

/**
 * The phase a fact shows. Returns what happened in words, or null where nothing new was said.
 *
 * Three kinds of telling: a move (or the creation) is an entry at its instant; the record of any other event that shows
 * another phase is a first sight, `atLeast`; and two tellings say nothing, because they are one act heard twice:
 * - a move into the phase already held. It confirms a first sight within a minute (the earlier instant stays, since the
 *   phase was seen then). Only where it names another phase before it, and lies later, was the phase left unseen and
 *   entered again: a new stay.
 * - a record that shows the phase before a move within a minute of that move, or any other phase at its very instant:
 *   an older snapshot.
 */
export function applyPhase(draft: Draft, fact: Fact): string | null {
  const { phase } = fact.record;
  if (typeof phase !== 'string') return null;
  const held = draft.phases.at(-1);
  const isEntry = fact.kind === 'moved' || (fact.kind === 'created' && (!held || held.phase === phase));
  if (held?.phase === phase) return isEntry ? enterAgain(draft, held, fact) : null;
  if (!isEntry && held && !held.atLeast && isOldPhase(draft.phases, held, phase, fact.at)) return null;
  append(draft, 'phases', { phase, from: fact.at, atLeast: !isEntry });
  if (isEntry) return `moved to ${phase}`;
  return held ? `seen in ${phase}` : null;
}

function enterAgain(draft: Draft, held: PhaseStay, fact: Fact): string | null {
  if (fact.at - held.from <= ONE_ACT_MS) {
    if (held.atLeast) replaceLast(draft.phases, { ...held, atLeast: false });
    return null;
  }
  const before = fact.previous.phase;
  if (fact.kind !== 'moved' || typeof before !== 'string' || before === held.phase) return null;
  append(draft, 'phases', { phase: held.phase, from: fact.at, atLeast: false });
  return `moved to ${held.phase} again`;
}

function isOldPhase(phases: readonly PhaseStay[], held: PhaseStay, shown: string, at: number): boolean {
  return at === held.from || (at - held.from <= ONE_ACT_MS && phases.at(-2)?.phase === shown);
}

/**
 * The state a fact shows, in the sender's word, and its `waiting_on_customer` beside it. The same three kinds of telling
 * as for phases; `moved` marks what a state event showed. A record with the flag alone is taken as active or waiting.
 */
export function applyState(draft: Draft, fact: Fact): string | null {
  const held = draft.states.at(-1);
  const shown = shownState(fact, held);
  if (!shown) return null;
  const isChange = fact.kind === 'state' || (fact.kind === 'created' && !held);
  if (held && held.state === shown.state && held.waiting === shown.waiting)
    return isChange ? changeAgain(draft, held, fact) : null;
  if (!isChange && held?.moved && isOldState(draft.states, held, shown, fact.at)) return null;
  append(draft, 'states', { ...shown, from: fact.at, moved: isChange });
  if (!held && !(isChange && typeof fact.previous.state === 'string')) return null;
  // A risk flag spoken as a state is no activity: it must not hide silence.
  if (shown.state === 'at_risk' || held?.state === 'at_risk') return null;
  return shown.waiting && !held?.waiting ? 'waiting on the customer' : `became ${shown.state}`;
}

function shownState(fact: Fact, held: StateStay | undefined): { state: string; waiting: boolean } | undefined {
  const word = fact.record.state ?? undefined;
  const waiting = fact.record.waitingOnCustomer;
  if (word === undefined && waiting === undefined) return undefined;
  return {
    state: word ?? held?.state ?? (waiting ? 'waiting' : 'active'),
    waiting: waiting === undefined ? keepsWaiting(word, held) : waiting === true,
  };
}

/** `waiting` is derived from the flag by the sender, so a record that leaves that word has left the flag as well. */
function keepsWaiting(word: string | undefined, held: StateStay | undefined): boolean {
  return held?.waiting === true && (held.state !== 'waiting' || word === 'waiting');
}

function changeAgain(draft: Draft, held: StateStay, fact: Fact): string | null {
  if (fact.at - held.from <= ONE_ACT_MS) {
    if (!held.moved) replaceLast(draft.states, { ...held, moved: true });
    return null;
  }
  const before = fact.previous.state;
  if (fact.kind !== 'state' || typeof before !== 'string' || before === held.state) return null;
  append(draft, 'states', { ...held, from: fact.at, moved: true });
  return held.state === 'at_risk' ? null : `became ${held.state} again`;
}

function isOldState(
  states: readonly StateStay[],
  held: StateStay,
  shown: { state: string; waiting: boolean },
  at: number,
): boolean {
  const before = states.at(-2);
  if (at === held.from) return true;
  return at - held.from <= ONE_ACT_MS && before?.state === shown.state && before.waiting === shown.waiting;
}
