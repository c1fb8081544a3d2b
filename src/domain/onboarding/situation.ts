import { decidesAs } from '../core.js';
import type { Policy } from '../policy/policy.js';
import { meaningOf } from '../policy/states.js';
import type { Calendar } from '../time/calendar.js';
import { type ClockRun, dueAt } from '../time/clock-run.js';
import type { Duration } from '../time/duration.js';
import { isStopped, mergeStops, type Stop } from '../time/stops.js';
import { fold } from './fold.js';
import type { History, PhaseStay } from './history.js';
import { launchInForce } from './launch-in-force.js';
import { lifeOf, type Life } from './lifecycle.js';
import type { OnboardingState, PersonHold } from './state.js';

/**
 * What an onboarding is like at one instant: the history, the holds and the clocks, derived once a turn and read by
 * every rule. Nothing in here is kept; it follows from state, policy and `now`.
 */
export interface Situation {
  readonly state: OnboardingState;
  readonly policy: Policy;
  readonly now: number;
  readonly history: History;
  readonly life: Life;
  /** When it launched; null while it has not, or the launch was taken back. */
  readonly launchedAt: number | null;
  /** The phase held now; null where none was ever seen. */
  readonly stay: PhaseStay | null;
  /** Every hold ever, the record's and a person's, oldest first. */
  readonly holds: readonly Hold[];
  /** The hold in force now, the sender's before a person's, from when it first was in that state without a break. */
  readonly hold: Hold | null;
  /** The workspace calendar in force now. */
  readonly calendar: Calendar;
  readonly stops: Readonly<Record<StopClass, readonly Stop[]>>;
}

export interface Hold {
  readonly state: 'waiting' | 'blocked' | 'paused';
  readonly from: number;
  readonly to: number | null;
  readonly by: 'record' | 'person';
  readonly reason?: string;
}

/** Which holds stop a rule's clock (design section 3, "Holds stop clocks"). */
export type StopClass = 'any_hold' | 'pause' | 'customer' | 'none';

const histories = new WeakMap<readonly unknown[], { base: History | null; core: number; history: History }>();

/** The fold of all facts; remembered by the list of facts, because a turn asks for it several times. */
export function historyOf(state: OnboardingState): History {
  const known = histories.get(state.facts);
  const { base, core = 1 } = state;
  if (known && known.base === base && known.core === core) return known.history;
  const history = fold(base, state.facts, core);
  histories.set(state.facts, { base, core, history });
  return history;
}

export function situate(state: OnboardingState, policy: Policy, now: number): Situation {
  const history = historyOf(state);
  const holds = [...recordHolds(history, policy), ...state.personHolds.map((hold) => personHold(hold, history))].sort(
    (a, b) => a.from - b.from,
  );
  const life = lifeOf(state, history, policy);
  const customer = state.customerHolds;
  const paused = holds.filter((hold) => hold.state === 'paused');
  return {
    state,
    policy,
    now,
    history,
    life,
    launchedAt: launchInForce(state, history, policy),
    stay: history.phases.at(-1) ?? null,
    holds,
    hold: decidesAs(state, 3) ? unbroken(inForce(holds, now), holds) : inForce(holds, now),
    calendar: policy.calendars[policy.workspace.calendar] as Calendar,
    stops: {
      any_hold: mergeStops([...holds, ...customer]),
      pause: mergeStops([...paused, ...customer]),
      customer: mergeStops(customer),
      none: [],
    },
  };
}

/** When a clock of this class, started at `startAt`, has run for `duration`; null while it is frozen before that. */
export function clockDue(s: Situation, startAt: number, duration: Duration, stops: StopClass): number | null {
  return dueAt(clockRun(s, startAt, duration, stops));
}

export function clockRun(s: Situation, startAt: number, duration: Duration, stops: StopClass): ClockRun {
  const calendars = s.state.calendars.length ? s.state.calendars : [{ from: 0, calendar: s.calendar }];
  return { startAt, duration, stops: s.stops[stops], calendars };
}

export function isFrozen(s: Situation, stops: StopClass): boolean {
  return isStopped(s.stops[stops], s.now);
}

function recordHolds(history: History, policy: Policy): Hold[] {
  const holds: Hold[] = [];
  for (const [index, value] of history.states.entries()) {
    const to = history.states[index + 1]?.from ?? null;
    const meaning = meaningOf(policy, value.state);
    const state = meaning === 'active' && value.waiting ? 'waiting' : meaning;
    if (state !== 'waiting' && state !== 'blocked' && state !== 'paused') continue;
    const last = holds.at(-1);
    if (last && last.state === state && last.to === value.from) holds[holds.length - 1] = { ...last, to };
    else holds.push({ state, from: value.from, to, by: 'record' });
  }
  return holds;
}

/** A person's hold ends at `until`, by release, or by a later state change or phase move. */
function personHold(hold: PersonHold, history: History): Hold {
  const moved = history.phases.find((stay) => stay.from > hold.from && !stay.atLeast)?.from;
  const changed = history.states.find((value) => value.from > hold.from && value.moved)?.from;
  const ends = [hold.until, hold.endedAt, moved, changed].filter((end): end is number => end !== undefined);
  return {
    state: hold.state,
    from: hold.from,
    to: ends.length ? Math.min(...ends) : null,
    by: 'person',
    reason: hold.reason,
  };
}

function inForce(holds: readonly Hold[], now: number): Hold | null {
  const open = holds.filter((hold) => hold.from <= now && (hold.to === null || now < hold.to));
  return open.find((hold) => hold.by === 'record') ?? open.at(-1) ?? null;
}

/** One stay in one state is one hold, whoever declared it and however often: to confirm or renew it begins nothing. */
function unbroken(hold: Hold | null, holds: readonly Hold[]): Hold | null {
  if (!hold) return null;
  const same = holds.filter((one) => one.state === hold.state);
  const stay = mergeStops(same).findLast((one) => one.from <= hold.from);
  if (!stay || stay.from === hold.from) return hold;
  const reason = hold.reason ?? same.findLast((one) => one.from >= stay.from && one.reason)?.reason;
  return { ...hold, from: stay.from, ...(reason === undefined ? {} : { reason }) };
}
