import type { Escalation } from '../escalation/escalation.js';
import type { CustomerFact } from '../event/fact.js';
import type { EntityKey } from '../event/key.js';
import { hasSeen, remember, shortHash } from '../onboarding/seen.js';
import type { Clock } from '../time/clock.js';
import { DAY_MS } from '../time/duration.js';
import { passOn, settled } from './carrier.js';
import { type CustomerRule, endedByRevival, FLAGS_OF, historyOfCustomer, withDenied } from './flags.js';
import { compactCustomer } from './fold-customer.js';
import type { CustomerFlag, CustomerStanding } from './standing.js';
import type { CustomerState } from './state.js';

/** Facts kept as they came; older ones are folded into the base so that the state stays small. */
const KEEP_FACTS = 60;
const COMPACT_AT = 100;

/** A customer of which nothing is known yet but its key. */
export function startCustomer(key: EntityKey, clock: Clock, _now: number): CustomerState {
  return {
    v: 1,
    key,
    clock,
    facts: [],
    base: null,
    seen: [],
    counts: { applied: 0, duplicates: 0 },
    open: [],
    emptySince: null,
    carriers: {},
    denied: {},
    handedOver: [],
    told: [],
    version: 0,
  };
}

/** Takes in events, each id once, in any order. */
export function receiveCustomer(state: CustomerState, facts: readonly CustomerFact[], now: number): CustomerState {
  const fresh: CustomerFact[] = [];
  let { seen } = state;
  let { applied, duplicates } = state.counts;
  for (const fact of facts) {
    if (hasSeen(seen, fact.id) || state.facts.some((known) => known.id === fact.id)) {
      duplicates++;
      continue;
    }
    seen = remember(seen, fact.id, Math.floor(now / DAY_MS));
    applied++;
    fresh.push(fact);
  }
  const all = fresh.length ? [...state.facts, ...fresh] : state.facts;
  const kept =
    all.length > COMPACT_AT ? compactCustomer(state.base, all, KEEP_FACTS) : { base: state.base, facts: all };
  return { ...state, ...kept, seen, counts: { applied, duplicates } };
}

/** An onboarding of this customer is open. Said again, it changes nothing. */
export function link(
  state: CustomerState,
  it: { readonly id: string; readonly createdAt: number },
  _now: number,
): CustomerState {
  const others = state.open.filter((one) => one.id !== it.id);
  const open = [...others, { id: it.id, createdAt: it.createdAt }].sort(
    (a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1),
  );
  return { ...state, open };
}

/** It was told something, and has closed since: what it was told is forgotten with the next telling. */
export const wasTold = (state: CustomerState, id: string): boolean =>
  state.told.some(([one]) => one === id) && !state.open.some((one) => one.id === id);

/** It is told anew what holds: it closed and came back, or went and came back, between two tellings. */
export const toldNothing = (state: CustomerState, id: string): CustomerState => ({
  ...state,
  told: state.told.filter(([one]) => one !== id),
});

/** It has closed: what it carried of this customer goes to the next one. */
export function unlink(
  state: CustomerState,
  it: { readonly id: string; readonly carried: readonly Escalation[] },
  now: number,
): CustomerState {
  return passOn(state, it.id, it.carried, now);
}

/** It became active or moved phase at `at`: a churn or archive hold set more than a minute before has ended. */
export function revived(
  state: CustomerState,
  it: { readonly id: string; readonly at: number },
  _now: number,
): CustomerState {
  return withDenied(state, endedByRevival(state, it.at), it.at);
}

/** A person resolved the customer's escalation at `at`: its flags are off until something later sets them. */
export function deny(
  state: CustomerState,
  it: { readonly rule: CustomerRule; readonly at: number },
  _now: number,
): CustomerState {
  return withDenied(state, FLAGS_OF[it.rule], it.at);
}

export interface Telling {
  readonly state: CustomerState;
  readonly tell: readonly { readonly onboarding: string; readonly standing: CustomerStanding }[];
}

/**
 * Nothing of a customer falls due by the clock: it wakes on messages alone.
 *
 * Which onboardings must be told what: those for which something changed, each in its own words. Where no flag is set
 * and none was told, there is nothing to say. What is handed over is in the standing of its new carrier, once; a call
 * that fails for good gives it back through `unlink`.
 */
export function tell(before: CustomerState, _now: number): Telling {
  const { state, flags } = settled(before);
  const told = new Map(state.told);
  const version = state.version + 1;
  const tellings: { onboarding: string; standing: CustomerStanding }[] = [];
  for (const { id } of state.open) {
    const standing = standingFor(state, flags, id, version);
    const digest = flags.length ? shortHash(JSON.stringify({ ...standing, version: 0, handedOver: [] })) : undefined;
    if (digest === told.get(id) && !standing.handedOver.length) continue;
    if (digest === undefined) told.delete(id);
    else told.set(id, digest);
    // Beside the digest, and not in it: what was told before it was said is still the same.
    tellings.push({ onboarding: id, standing: { ...standing, customer: state.key.id } });
  }
  const stillOpen = [...told].filter(([id]) => state.open.some((one) => one.id === id));
  const next = { ...state, told: stillOpen, handedOver: [], version: tellings.length ? version : state.version };
  return { state: next, tell: tellings };
}

/** The others are named only to a carrier: they alone are in its messages, and each link would otherwise tell everyone. */
function standingFor(
  state: CustomerState,
  flags: readonly CustomerFlag[],
  id: string,
  version: number,
): CustomerStanding {
  const { name } = historyOfCustomer(state);
  const carries = Object.values(state.carriers).includes(id);
  return {
    version,
    ...(name !== null && { name }),
    flags,
    carriers: state.carriers,
    others: carries ? state.open.map((one) => one.id).filter((other) => other !== id) : [],
    handedOver: state.handedOver.filter((one) => one.to === id),
  };
}
