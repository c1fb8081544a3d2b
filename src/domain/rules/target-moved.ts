import type { Situation } from '../onboarding/situation.js';
import { type Shift, targetShifts } from '../onboarding/target.js';
import { afterStops } from '../time/stops.js';
import { DAY_MS } from '../time/duration.js';
import { none, type Rule } from './rule.js';

/** The target was moved too often within one phase, or once too far. */
export const targetMoved: Rule = {
  name: 'target_moved',
  stops: 'pause',
  returns: false,
  look(s) {
    const rule = s.policy.rules.target_moved;
    if (!rule) return none('The rule is off.');
    if (s.life !== 'running') return none('It has launched or ended.');
    const shifts = shiftsInPhase(s);
    if (!shifts.length) return none('The target was not moved in this phase.');
    const metAt = shifts.find((shift, index) => index + 1 >= rule.times || daysLater(shift) > rule.days)?.at;
    if (metAt === undefined)
      return none(
        `The target was moved ${shifts.length} of ${rule.times} times in this phase, never by more than ${rule.days} days.`,
      );
    const latest = shifts.at(-1) as Shift;
    return {
      condition: {
        episode: { subject: s.stay?.phase ?? '', since: s.stay?.from ?? s.history.firstSeenAt, weight: shifts.length },
        dueAt: afterStops(s.stops.pause, metAt),
        headline: 'target moved',
        reason: `The target was moved ${shifts.length} ${shifts.length === 1 ? 'time' : 'times'} in this phase, last from ${latest.from} to ${latest.to}`,
        evidence: shifts.map((shift) => `${shift.from} → ${shift.to} on ${new Date(shift.at).toISOString()}`),
      },
    };
  },
};

/** Moves from one date to another while the present phase is held; a first promise or a cleared date is none. */
function shiftsInPhase(s: Situation): readonly Shift[] {
  const since = s.stay?.from ?? s.history.firstSeenAt;
  return targetShifts(s.history.targets).filter(
    (shift) => shift.at >= since && shift.from !== null && shift.to !== null,
  );
}

function daysLater(shift: Shift): number {
  return (Date.parse(`${shift.to}T00:00:00Z`) - Date.parse(`${shift.from}T00:00:00Z`)) / DAY_MS;
}
