import { decidesAs } from '../core.js';
import type { Situation } from '../onboarding/situation.js';
import type { Person, Policy, TimeOff } from '../policy/policy.js';
import type { Calendar } from '../time/calendar.js';
import type { Duration } from '../time/duration.js';
import { addDuration, nextOpening } from '../time/working-time.js';

/** Who takes a message for somebody, and from when on. */
export interface Presence {
  readonly person: Person;
  /** Whom they stand in for, where they do. */
  readonly insteadOf?: string;
  readonly from: number;
}

const ONE_WORKING_DAY: Duration = { amount: 1, unit: 'working_days' };

/**
 * The person, or who represents them at `at`: the delegate while away, a delegate who is away by their own. Away for
 * more than a working day without one is unreachable (null); a shorter absence is waited out, and the next one asked
 * about where they follow each other. `anyHour` skips working hours, never time off.
 */
export function presenceOf(s: Situation, person: Person, at: number, anyHour: boolean): Presence | null {
  let [current, asked] = [person, at];
  const met = new Set<string>();
  for (;;) {
    met.add(current.id);
    const calendar = calendarOf(s.policy, current);
    const opening = (instant: number) => (anyHour ? instant : nextOpening(calendar, instant));
    const first = opening(asked);
    let from = first;
    let away = awayAt(current, from);
    while (away && !standIn(s.policy, away, met)) {
      if (away.to > addDuration(calendar, first, ONE_WORKING_DAY)) return null;
      from = opening(away.to);
      away = decidesAs(s.state, 2) ? awayAt(current, from) : undefined;
    }
    const next = away && standIn(s.policy, away, met);
    if (!next) return present(person, current, from);
    if (from !== first) asked = from;
    current = next;
  }
}

const awayAt = (person: Person, at: number): TimeOff | undefined =>
  person.timeOff.find((off) => off.from <= at && at < off.to);

/** Whoever takes over; nobody where it would lead back to one who is away. */
const standIn = (policy: Policy, away: TimeOff, met: ReadonlySet<string>): Person | undefined =>
  policy.people.find((one) => one.id === away.delegate && !met.has(one.id));

export function calendarOf(policy: Policy, person: Person): Calendar {
  return (policy.calendars[person.calendar] ?? policy.calendars[policy.workspace.calendar]) as Calendar;
}

function present(asked: Person, person: Person, from: number): Presence {
  return asked.id === person.id ? { person, from } : { person, insteadOf: asked.id, from };
}
