import { CORE, decidesAs } from '../core.js';
import type { CustomerStanding } from '../customer/standing.js';
import type { Escalation } from '../escalation/escalation.js';
import type { Fact } from '../event/fact.js';
import type { EntityKey } from '../event/key.js';
import type { Policy } from '../policy/policy.js';
import type { Clock } from '../time/clock.js';
import { DAY_MS } from '../time/duration.js';
import { applyLate, compact, isLate } from './fold.js';
import { endedHolds, withoutFormerCustomer } from './customer-hold.js';
import { describeFacts } from './describe.js';
import { record } from './record.js';
import { historyOf } from './situation.js';
import { hasSeen, remember } from './seen.js';
import type { OnboardingState } from './state.js';

/** Facts kept as they came; older ones are folded into the base so that the state stays under 64 kB. */
const KEEP_FACTS = 80;
const COMPACT_AT = 120;

/** An onboarding of which nothing is known yet but its key. */
export function startOnboarding(key: EntityKey, clock: Clock, now: number): OnboardingState {
  return {
    v: 1,
    core: CORE,
    key,
    clock,
    startedAt: now,
    policy: null,
    policyAdoptedAt: 0,
    policyAnnounced: null,
    policyNames: [],
    calendars: [],
    base: null,
    facts: [],
    seen: [],
    counts: { applied: 0, duplicates: 0, late: 0 },
    sources: [],
    customer: null,
    customerHolds: [],
    linkedTo: null,
    revivedAt: null,
    personHolds: [],
    closed: null,
    endedAt: null,
    escalations: [],
    nextEscalation: 1,
    log: [],
    nextLogSeq: 1,
    shown: '',
  };
}

/** Takes in events: each id once, in any order. Never throws; what came before is not changed by a repeat. */
export function receive(state: OnboardingState, facts: readonly Fact[], now: number): OnboardingState {
  const fresh: Fact[] = [];
  const taken: Fact[] = [];
  let seen = state.seen;
  let base = state.base;
  let { applied, duplicates, late } = state.counts;
  const day = Math.floor(now / DAY_MS);
  const kept = new Set(state.facts.map((fact) => fact.id));
  for (const fact of facts) {
    if (kept.has(fact.id) || hasSeen(seen, fact.id)) {
      duplicates++;
      continue;
    }
    kept.add(fact.id);
    seen = remember(seen, fact.id, day);
    applied++;
    taken.push(fact);
    if (base && isLate(base, fact, state.core ?? 1)) {
      late++;
      base = applyLate(base, fact, state.core ?? 1);
    } else fresh.push(fact);
  }
  const counts = { applied, duplicates, late };
  if (applied === state.counts.applied) return { ...state, counts };
  const next = {
    ...state,
    counts,
    seen,
    base,
    facts: fresh.length ? [...state.facts, ...fresh] : state.facts,
    sources: withSources(state.sources, facts),
  };
  const heard = withoutFormerCustomer(state, compacted(next), now);
  return record(heard, now, { kind: 'applied', events: taken.map((fact) => fact.id) }, describeFacts(taken));
}

/**
 * Takes in what the customer's workflow says; an older standing than the one known is dropped, and one of a customer that
 * the record names no more: its last word may cross with the record that moved the onboarding away.
 */
export function hearCustomer(state: OnboardingState, standing: CustomerStanding, now: number): OnboardingState {
  const { customer } = standing;
  if (decidesAs(state, 2) && customer !== undefined && customer !== historyOf(state).customerId) return state;
  if (state.customer && standing.version <= state.customer.version) return state;
  const held = standing.flags.find((flag) => flag.name === 'churned' || flag.name === 'archived');
  const open = state.customerHolds.at(-1);
  let customerHolds = state.customerHolds;
  if (held && open?.to !== null) customerHolds = [...customerHolds, { from: held.since, to: null }];
  if (!held) customerHolds = endedHolds(customerHolds, now);
  const handed = standing.handedOver
    .filter((one) => one.to === state.key.id && !state.escalations.some((mine) => isHeld(state, mine, one.escalation)))
    .map((one) => one.escalation);
  const kept = state.escalations.filter((mine) => !handed.some((one) => one.id === mine.id));
  const said = standing.flags.length
    ? `Customer is ${standing.flags.map((flag) => flag.name.replace('_', ' ')).join(', ')}.`
    : 'Customer has no flag.';
  return record(
    {
      ...state,
      customer: standing,
      customerHolds,
      escalations: handed.length ? [...kept, ...handed] : state.escalations,
    },
    now,
    { kind: 'customer', standing },
    said,
  );
}

/** It is here already. One that this onboarding once handed on itself may come back to it, with what was done since. */
function isHeld(state: OnboardingState, mine: Escalation, handed: Escalation): boolean {
  if (mine.id !== handed.id) return false;
  return !decidesAs(state, 2) || mine.resolved?.how !== 'handed_over';
}

/** A policy was published: the next turn fetches it. */
export function announcePolicy(state: OnboardingState, hash: string): OnboardingState {
  return state.policy?.hash === hash ? state : { ...state, policyAnnounced: hash };
}

/**
 * Decides by `policy` from now on. Minutes before the adoption stay counted with the workspace calendar in force then,
 * which is why an old calendar is kept beside the new one.
 */
export function adoptPolicy(
  state: OnboardingState,
  policy: Policy,
  names: readonly string[],
  now: number,
): OnboardingState {
  const calendar = policy.calendars[policy.workspace.calendar];
  const current = state.calendars.at(-1)?.calendar;
  const same = calendar && current && JSON.stringify(calendar) === JSON.stringify(current);
  const calendars =
    !calendar || same ? state.calendars : [...state.calendars.slice(-3), { from: current ? now : 0, calendar }];
  const changed = state.policy?.hash !== policy.hash;
  const next = {
    ...state,
    policy,
    policyNames: names,
    policyAnnounced: null,
    calendars,
    policyAdoptedAt: changed ? now : state.policyAdoptedAt,
  };
  return record(
    next,
    now,
    { kind: 'policy', hash: policy.hash, names },
    changed ? `Policy ${policy.hash} in force.` : 'More of the policy fetched.',
  );
}

/** Log entries through `seq` are in the store. */
export function projected(state: OnboardingState, throughSeq: number): OnboardingState {
  const log = state.log.filter((entry) => entry.seq > throughSeq);
  return log.length === state.log.length ? state : { ...state, log };
}

function withSources(sources: readonly string[], facts: readonly Fact[]): readonly string[] {
  const all = new Set([...sources, ...facts.map((fact) => fact.source)]);
  return all.size === sources.length ? sources : [...all];
}

function compacted(state: OnboardingState): OnboardingState {
  if (state.facts.length <= COMPACT_AT) return state;
  const { base, facts } = compact(state.base, state.facts, KEEP_FACTS, state.core ?? 1);
  return { ...state, base, facts };
}
