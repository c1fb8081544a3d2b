import { historyOf } from './onboarding/situation.js';
import type { OnboardingState } from './onboarding/state.js';

/** One field in which two states of an onboarding differ, in words for people; null where one has nothing there. */
export interface Difference {
  /** `history.phases[2].from`, `escalations[esc_1].status`. */
  readonly field: string;
  readonly present: string | null;
  readonly rebuilt: string | null;
}

/** Instants lie in fields of these names; shown as dates they are read at once. */
const INSTANT = /(^|\.|[a-z])(at|from|to|since|until|notBefore|upTo|At|Since|Until|To)$/;
const LONGEST = 300;

/** Field by field, in the order of the fields; empty where they mean the same. */
export function compareStates(present: OnboardingState, rebuilt: OnboardingState): readonly Difference[] {
  const now = flat(comparable(present));
  const then = flat(comparable(rebuilt));
  const fields = [...new Set([...now.keys(), ...then.keys()])];
  return fields
    .map((field) => ({ field, present: now.get(field) ?? null, rebuilt: then.get(field) ?? null }))
    .filter((one) => one.present !== one.rebuilt)
    .map(({ field, present, rebuilt }) => ({ field, present: brief(present), rebuilt: brief(rebuilt) }));
}

/** What tells two states apart, as one text: equal texts are states that decide the same. */
export function fingerprint(state: OnboardingState): string {
  return JSON.stringify([...flat(comparable(state))]);
}

/**
 * All of a state that decides, without what a run keeps for itself: what it has projected, announced or told others, and
 * repeats, which no log counts. A policy and its calendars are compiled anew at each start, so their names stand for them.
 */
function comparable(state: OnboardingState): object {
  const { startedAt, policy, policyNames, calendars, base, facts, seen, counts, sources } = state;
  const { customer, customerHolds, personHolds, closed, endedAt, escalations, nextEscalation } = state;
  return {
    startedAt,
    policy: policy?.hash ?? null,
    policyNames: [...policyNames].sort(),
    calendars: calendars.map(({ from, calendar }) => ({ from, calendar: calendar.name })),
    history: historyOf(state),
    base: base?.upTo ?? null,
    facts: named(facts, ({ id }) => id),
    seen: named(seen, ([hash]) => hash),
    applied: counts.applied,
    late: counts.late,
    sources: [...sources].sort(),
    customer,
    customerHolds,
    personHolds,
    closed,
    endedAt,
    escalations: named(escalations, ({ id }) => id),
    nextEscalation,
  };
}

const named = <T>(items: readonly T[], name: (item: T) => string): Record<string, T> =>
  Object.fromEntries(items.map((item) => [name(item), item]));

function flat(value: unknown, field = '', into = new Map<string, string>()): Map<string, string> {
  if (Array.isArray(value))
    for (const [index, item] of value.entries()) flat(item, `${field}[${keyOf(item, index)}]`, into);
  else if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value)) flat(item, below(field, key), into);
  else if (value !== undefined) into.set(field, said(field, value));
  return into;
}

/** Sends are told apart by their keys, everything else by its place. */
function keyOf(item: unknown, index: number): string {
  const key = typeof item === 'object' && item !== null && 'key' in item ? item.key : undefined;
  return typeof key === 'string' ? key : String(index);
}

const below = (field: string, key: string): string => {
  if (field === '') return key;
  return field === 'escalations' || field === 'facts' ? `${field}[${key}]` : `${field}.${key}`;
};

function said(field: string, value: unknown): string {
  if (typeof value === 'number' && value > 1e11 && INSTANT.test(field)) return new Date(value).toISOString();
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const brief = (text: string | null): string | null =>
  text !== null && text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
