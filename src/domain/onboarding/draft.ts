import type { History } from './history.js';

/** A history while facts are applied to it: lists may grow, their elements are replaced, never changed in place. */
export type Draft = {
  -readonly [K in keyof History]: History[K] extends readonly (infer Item)[]
    ? Item[]
    : K extends 'roles'
      ? { -readonly [R in keyof History['roles']]: History['roles'][R] }
      : History[K];
};

/**
 * Events of one act reach us under several names, each with an instant and a snapshot of its own: what lies within a
 * minute may be one act (design section 3, "Reopen").
 */
export const ONE_ACT_MS = 60_000;

/** Longest lists of a history; beyond them the oldest goes, but of targets never the first promise. */
const MOST = { phases: 100, states: 100, targets: 60, risks: 40 } as const;
const MOST_RISK_EVENTS = 20;

/** A history to go on from; of an onboarding never seen, one that begins at `firstSeenAt`. */
export function draftOf(base: History | null, firstSeenAt: number): Draft {
  if (base) {
    const { phases, states, risks, targets, roles } = base;
    return {
      ...base,
      phases: [...phases],
      states: [...states],
      risks: [...risks],
      targets: [...targets],
      roles: { ...roles },
    };
  }
  return {
    upTo: firstSeenAt,
    createdAt: null,
    firstSeenAt,
    name: null,
    customerId: null,
    org: null,
    displayId: null,
    phases: [],
    states: [],
    risks: [],
    launchedAt: null,
    completedAt: null,
    targets: [],
    roles: { owner: null, csm: null, se: null, designer: null, product_ops: null },
    ownerSince: null,
    activityAt: null,
    activity: null,
    tasksDone: 0,
  };
}

/** Launches after the first that are kept; of more, the latest. */
export const MOST_RELAUNCHES = 10;

/** Adds to one of the draft's lists, within its bound. */
export function append<K extends keyof typeof MOST>(draft: Draft, list: K, item: Draft[K][number]): void {
  const items = draft[list] as Draft[K][number][];
  if (items.length >= MOST[list]) items.splice(list === 'targets' ? firstShift(draft) : 0, 1);
  items.push(item);
}

function firstShift(draft: Draft): number {
  return draft.targets.findIndex((target) => target.date !== null) + 1;
}

export function replaceLast<T>(items: T[], item: T): void {
  items[items.length - 1] = item;
}

/** Risk events of one span, the first and the latest ones. */
export function withRiskEvent(events: readonly number[], at: number): readonly number[] {
  return events.length < MOST_RISK_EVENTS ? [...events, at] : [events[0] as number, ...events.slice(2), at];
}
