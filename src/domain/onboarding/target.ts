import { endOfCivilDay } from '../time/civil-date.js';
import type { Situation } from './situation.js';

/** The target in force: its civil date, since when, and the instant its day ends in the workspace zone. */
export interface Target {
  readonly date: string;
  readonly since: number;
  readonly endsAt: number;
}

export function currentTarget(s: Situation): Target | null {
  const latest = s.history.targets.at(-1);
  if (!latest?.date) return null;
  const { offsets } = s.policy.workspace;
  const endsAt = endOfCivilDay(offsets ? { ...s.calendar, offsets } : s.calendar, latest.date);
  return { date: latest.date, since: latest.at, endsAt };
}

export interface Shift {
  readonly from: string | null;
  readonly to: string | null;
  readonly at: number;
}

/** Every change after the first promise, oldest first. */
export function targetShifts(
  targets: readonly { readonly date: string | null; readonly at: number }[],
): readonly Shift[] {
  const first = targets.findIndex((target) => target.date !== null);
  if (first < 0) return [];
  return targets
    .slice(first + 1)
    .map((target, index) => ({ from: targets[first + index]?.date ?? null, to: target.date, at: target.at }));
}
