import type { Person, Policy } from '../policy/policy.js';
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
 * more than a working day without one is unreachable (null); a shorter absence is waited out. `anyHour` skips working
 * hours, never time off.
 */
export function presenceOf(policy: Policy, person: Person, at: number, anyHour: boolean): Presence | null {
  let current = person;
  const met = new Set<string>();
  for (;;) {
    met.add(current.id);
    const calendar = calendarOf(policy, current);
    let from = anyHour ? at : nextOpening(calendar, at);
    const away = current.timeOff.find((off) => off.from <= from && from < off.to);
    if (!away) return present(person, current, from);
    const delegate = away.delegate === undefined ? undefined : policy.people.find((one) => one.id === away.delegate);
    if (delegate && !met.has(delegate.id)) {
      current = delegate;
      continue;
    }
    if (away.to > addDuration(calendar, from, ONE_WORKING_DAY)) return null;
    from = anyHour ? away.to : nextOpening(calendar, away.to);
    return present(person, current, from);
  }
}

export function calendarOf(policy: Policy, person: Person): Calendar {
  return (policy.calendars[person.calendar] ?? policy.calendars[policy.workspace.calendar]) as Calendar;
}

function present(asked: Person, person: Person, from: number): Presence {
  return asked.id === person.id ? { person, from } : { person, insteadOf: asked.id, from };
}
