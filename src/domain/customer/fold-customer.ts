import type { CustomerFact, CustomerFactKind, CustomerFields } from '../event/fact.js';
import type { CustomerHistory, FlagTrail } from './history.js';
import type { CustomerFlagName } from './standing.js';

/** At one instant an event counts after a record: it was sent because of the change, the record may be from before. */
const RANK: Readonly<Record<CustomerFactKind, number>> = {
  record: 0,
  contact: 0,
  health_dropped: 1,
  at_risk: 2,
  churned: 3,
  archived: 4,
};
const OFF: FlagTrail = { said: false, sets: [] };
const MOST_SETS = 10;
/** A drop is 10 points or more, so a score closer than that to the one before has recovered. */
const RECOVERED_WITHIN = 10;

/**
 * What a customer's facts add up to, going on from `base`: the same for any order and any repetition of them. A fact at
 * or before `base.upTo` says nothing any more, because what it would have set or ended is no longer known in order.
 */
export function foldCustomer(base: CustomerHistory | null, facts: readonly CustomerFact[]): CustomerHistory {
  const sorted = inOrder(facts).filter((fact) => !base || fact.at > base.upTo);
  return sorted.reduce(applyCustomerFact, base ?? unknown());
}

/** Folds the oldest facts so that about `keep` remain; facts of one instant stay together. */
export function compactCustomer(
  base: CustomerHistory | null,
  facts: readonly CustomerFact[],
  keep: number,
): { readonly base: CustomerHistory | null; readonly facts: readonly CustomerFact[] } {
  const sorted = inOrder(facts);
  let end = Math.max(0, sorted.length - keep);
  while (end > 0 && end < sorted.length && sorted[end]?.at === sorted[end - 1]?.at) end++;
  return end === 0
    ? { base, facts: sorted }
    : { base: foldCustomer(base, sorted.slice(0, end)), facts: sorted.slice(end) };
}

function inOrder(facts: readonly CustomerFact[]): CustomerFact[] {
  const byId = new Map<string, CustomerFact>();
  for (const fact of facts) {
    const other = byId.get(fact.id);
    if (!other || isHeardBefore(fact, other)) byId.set(fact.id, fact);
  }
  return [...byId.values()].sort((a, b) => a.at - b.at || RANK[a.kind] - RANK[b.kind] || (a.id < b.id ? -1 : 1));
}

function isHeardBefore(fact: CustomerFact, other: CustomerFact): boolean {
  if (fact.heardAt !== other.heardAt) return fact.heardAt < other.heardAt;
  return fact.at === other.at ? JSON.stringify(fact) < JSON.stringify(other) : fact.at < other.at;
}

function unknown(): CustomerHistory {
  const flags = { at_risk: OFF, health_dropped: OFF, churned: OFF, archived: OFF };
  return { upTo: 0, name: null, org: null, owner: null, healthScore: null, primaryContact: null, flags };
}

function applyCustomerFact(history: CustomerHistory, fact: CustomerFact): CustomerHistory {
  const { record } = fact;
  const { flags } = history;
  return {
    upTo: Math.max(history.upTo, fact.at),
    name: record.name === undefined ? history.name : record.name,
    org: record.org === undefined ? history.org : record.org,
    owner: record.owner === undefined ? history.owner : record.owner,
    healthScore: record.healthScore === undefined ? history.healthScore : record.healthScore,
    primaryContact: record.contact?.primary ? record.contact.id : history.primaryContact,
    flags: {
      at_risk: follow(flags.at_risk, fact, 'at_risk', says(record, 'at_risk', record.atRisk)),
      health_dropped: followHealth(flags.health_dropped, fact),
      churned: follow(flags.churned, fact, 'churned', says(record, 'churned', record.churned)),
      archived: follow(flags.archived, fact, 'archived', says(record, 'archived', undefined)),
    },
  };
}

const REASON: Readonly<Record<Exclude<CustomerFlagName, 'health_dropped'>, string>> = {
  at_risk: 'flagged at risk',
  churned: 'churned',
  archived: 'archived',
};

function follow(trail: FlagTrail, fact: CustomerFact, name: keyof typeof REASON, said: boolean | undefined): FlagTrail {
  if (fact.kind === name || (said && !trail.said)) return { said: true, sets: withSet(trail, fact.at, REASON[name]) };
  return said === false ? OFF : trail;
}

/** A record speaks of a flag by a boolean of its own or by its status; where either says yes, it is set. */
function says(record: CustomerFields, status: string, own: boolean | null | undefined): boolean | undefined {
  if (own || record.status === status) return true;
  return own === undefined && (record.status === undefined || record.status === null) ? undefined : false;
}

function followHealth(trail: FlagTrail, fact: CustomerFact): FlagTrail {
  const score = fact.record.healthScore ?? undefined;
  if (fact.kind === 'health_dropped') {
    const before = Math.max(fact.previous.healthScore ?? -1, trail.scoreBefore ?? -1);
    const sets = withSet(trail, fact.at, fell(fact.previous.healthScore ?? undefined, score));
    return { said: true, sets, ...(before >= 0 ? { scoreBefore: before } : {}) };
  }
  const isBack = score !== undefined && trail.scoreBefore !== undefined && trail.scoreBefore - score < RECOVERED_WITHIN;
  return isBack ? OFF : trail;
}

function fell(from: number | undefined, to: number | undefined): string {
  if (to === undefined) return 'health score dropped';
  return from === undefined ? `health score dropped to ${to}` : `health score dropped from ${from} to ${to}`;
}

function withSet(trail: FlagTrail, at: number, reason: string): FlagTrail['sets'] {
  const [first, ...later] = trail.sets;
  return first ? [first, ...later.slice(2 - MOST_SETS), { at, reason }] : [{ at, reason }];
}
