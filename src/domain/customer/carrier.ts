import type { Escalation } from '../escalation/escalation.js';
import { DAY_MS } from '../time/duration.js';
import { type CustomerRule, FLAGS_OF, flagsOf, historyOfCustomer, withDenied } from './flags.js';
import type { CustomerFlag, CustomerFlagName, HandedOver } from './standing.js';
import type { CustomerState } from './state.js';

/**
 * How long a flag waits for an onboarding to carry it. The design says 10 working days; a customer has no calendar, and
 * two weeks of any calendar hold about ten.
 */
const WAITS_MS = 14 * DAY_MS;

const RULES = Object.keys(FLAGS_OF) as readonly CustomerRule[];

/**
 * Who carries what, and which flags are set, brought up to date. A carrier stays until it closes; a flag without one
 * goes to the open onboarding with the smallest (created or first seen, id). Flags that one rule chases share a
 * carrier, or their owners would be chased twice.
 *
 * A flag that found no open onboarding waits for the first link. Whether it waited too long is asked of when that
 * onboarding began, so that a replayed backlog gives the answer the day itself would have given, and no timer is kept.
 */
export function settled(state: CustomerState): {
  readonly state: CustomerState;
  readonly flags: readonly CustomerFlag[];
} {
  const next = withoutStale(state);
  const flags = flagsOf(historyOfCustomer(next), next.denied);
  const carriers: Partial<Record<CustomerFlagName, string>> = {};
  for (const rule of RULES) {
    const names = FLAGS_OF[rule].filter((name) => flags.some((flag) => flag.name === name));
    const carrier = names.map((name) => next.carriers[name]).find((id) => id !== undefined) ?? next.open[0]?.id;
    if (carrier !== undefined) for (const name of names) carriers[name] = carrier;
  }
  const handedOver = next.handedOver.filter((one) => isChased(one.escalation, flags));
  return { state: { ...next, carriers, handedOver }, flags };
}

/** The state after an onboarding left, with what it carried on its way to the next one; dropped where there is none. */
export function passOn(state: CustomerState, id: string, carried: readonly Escalation[], now: number): CustomerState {
  const open = state.open.filter((one) => one.id !== id);
  const next = open[0]?.id;
  const carriers = { ...state.carriers };
  for (const name of Object.keys(carriers) as CustomerFlagName[]) {
    if (carriers[name] !== id) continue;
    if (next === undefined) delete carriers[name];
    else carriers[name] = next;
  }
  const onItsWay = state.handedOver.filter((one) => one.to === id).map((one) => one.escalation);
  const passed = [...onItsWay, ...carried].flatMap((escalation) => {
    const rule = ruleOf(escalation);
    const to = rule && (FLAGS_OF[rule].map((name) => carriers[name]).find((carrier) => carrier !== undefined) ?? next);
    return to === undefined ? [] : [{ to, escalation }];
  });
  const handedOver = [...state.handedOver.filter((one) => one.to !== id), ...passed];
  const emptySince = state.open.length && !open.length ? now : state.emptySince;
  return { ...state, open, carriers, handedOver: latest(handedOver), emptySince };
}

/** Denies what waited too long; what set the flag again later is asked anew. */
function withoutStale(state: CustomerState): CustomerState {
  const [first] = state.open;
  if (!first) return state;
  const stale = flagsOf(historyOfCustomer(state), state.denied).find(
    (flag) => state.carriers[flag.name] === undefined && first.createdAt > waitedFrom(state, flag) + WAITS_MS,
  );
  if (!stale) return state;
  return withoutStale(withDenied(state, [stale.name], waitedFrom(state, stale) + WAITS_MS));
}

/** A flag waits from when it was set, or from when its last carrier closed with no other open. */
function waitedFrom(state: CustomerState, flag: CustomerFlag): number {
  return Math.max(flag.since, state.emptySince ?? flag.since);
}

function ruleOf(escalation: Escalation): CustomerRule | undefined {
  return RULES.find((rule) => rule === escalation.rule);
}

function isChased(escalation: Escalation, flags: readonly CustomerFlag[]): boolean {
  const rule = ruleOf(escalation);
  return rule !== undefined && flags.some((flag) => FLAGS_OF[rule].includes(flag.name));
}

/** One entry an escalation, the newest. */
function latest(handedOver: readonly HandedOver[]): readonly HandedOver[] {
  return [...new Map(handedOver.map((one) => [one.escalation.id, one])).values()];
}
