import { decidesAs } from '../core.js';
import type { Fact, FactKind } from '../event/fact.js';
import { MINUTE_MS } from '../time/duration.js';
import type { Draft } from './draft.js';

/** Within one instant, where the previous values do not decide. */
const RANK: Readonly<Record<FactKind, number>> = {
  created: 0,
  moved: 1,
  state: 2,
  at_risk: 3,
  back_on_track: 4,
  task: 5,
  record: 6,
  launched: 7,
  completed: 8,
};

const FIELDS = ['phase', 'state', 'target', 'owner'] as const;
type Held = Readonly<Record<(typeof FIELDS)[number], string | null | undefined>>;

/**
 * How far the sender's clock is believed to run ahead of ours: as far as the signature of a delivery may (design section
 * 7). Further ahead is a mistake of the event's, which would else stand behind all that follows.
 */
const AHEAD_MS = 5 * MINUTE_MS;

/**
 * The fact's place in the order. With a clock that runs ahead of ours the receipt counts as its instant, and of two
 * events the one whose first delivery failed would come last; the sender's own instants keep their order.
 */
export function placeOf({ at, saidAt }: Fact, core: number): number {
  return saidAt !== undefined && saidAt - at <= AHEAD_MS && decidesAs({ core }, 3) ? saidAt : at;
}

/**
 * Each event once, by instant. Of one id with different contents (a test event edited by hand) the one heard first
 * counts, whatever order they stand in.
 */
export function distinct(facts: readonly Fact[], core: number): Fact[] {
  const byId = new Map<string, Fact>();
  for (const fact of facts) {
    const other = byId.get(fact.id);
    if (!other || isHeardBefore(fact, other)) byId.set(fact.id, fact);
  }
  return [...byId.values()].sort((a, b) => placeOf(a, core) - placeOf(b, core) || compare(a.id, b.id));
}

function isHeardBefore(fact: Fact, other: Fact): boolean {
  if (fact === other) return false;
  if (fact.heardAt !== other.heardAt) return fact.heardAt < other.heardAt;
  if (fact.at !== other.at) return fact.at < other.at;
  return JSON.stringify(fact) < JSON.stringify(other);
}

/** Groups what is sorted by instant. */
export function instants(sorted: readonly Fact[], core: number): readonly (readonly Fact[])[] {
  const groups: Fact[][] = [];
  for (const fact of sorted) {
    const group = groups.at(-1);
    if (group?.[0] && placeOf(group[0], core) === placeOf(fact, core)) group.push(fact);
    else groups.push([fact]);
  }
  return groups;
}

/**
 * The place of the fact that comes next among those of one instant: one whose previous values another fact of the
 * instant is yet to show waits for it; then by kind, then those that fit what is held, then by event id.
 */
export function nextOf(left: readonly Fact[], draft: Draft): number {
  if (left.length === 1) return 0;
  const held = heldBy(draft);
  const fits = left.map((fact) => fit(fact, left, held));
  let best = 0;
  for (let i = 1; i < left.length; i++) if (isBefore(left, fits, i, best)) best = i;
  return best;
}

function isBefore(left: readonly Fact[], fits: readonly Fit[], i: number, j: number): boolean {
  const [a, b, x, y] = [left[i] as Fact, left[j] as Fact, fits[i] as Fit, fits[j] as Fit];
  const waits = Number(x === 'waits') - Number(y === 'waits');
  const order = waits || RANK[a.kind] - RANK[b.kind] || Number(x === 'strange') - Number(y === 'strange');
  return (order || compare(a.id, b.id)) < 0;
}

type Fit = 'fits' | 'strange' | 'waits';

function fit(fact: Fact, left: readonly Fact[], held: Held): Fit {
  let result: Fit = 'fits';
  for (const field of FIELDS) {
    const before = fact.previous[field];
    if (before === undefined || before === held[field]) continue;
    if (left.some((other) => other !== fact && other.record[field] === before)) return 'waits';
    result = 'strange';
  }
  return result;
}

function heldBy(draft: Draft): Held {
  return {
    phase: draft.phases.at(-1)?.phase,
    state: draft.states.at(-1)?.state,
    target: draft.targets.at(-1)?.date ?? null,
    owner: draft.roles.owner,
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
