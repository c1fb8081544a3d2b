import type { Situation } from '../onboarding/situation.js';
import { currentTarget } from '../onboarding/target.js';
import type { Calendar } from '../time/calendar.js';
import { DAY_MS, type Duration, formatDuration, MINUTE_MS } from '../time/duration.js';
import { afterStops } from '../time/stops.js';
import { addDuration } from '../time/working-time.js';
import { none, type Rule } from './rule.js';

/** The target date is within reach and phases are left. Ends when the target passes. */
export const targetNear: Rule = {
  name: 'target_near',
  stops: 'pause',
  returns: false,
  look(s) {
    const rule = s.policy.rules.target_near;
    if (!rule) return none('The rule is off.');
    if (s.life !== 'running') return none('It has launched or ended.');
    const target = currentTarget(s);
    if (!target) return none('No target date is set.');
    if (target.endsAt <= s.now) return none(`The target ${target.date} has passed.`);
    if (!phasesLeft(s)) return none('The last phase before the launch is reached.');
    const opensAt = Math.max(target.since, nearFrom(s.calendar, target.endsAt, rule.within));
    if (opensAt >= target.endsAt) return none('The rule looks ahead by nothing.');
    const dueAt = afterStops(s.stops.pause, opensAt);
    return {
      condition: {
        episode: { subject: target.date, since: target.since, weight: 0 },
        dueAt,
        endsAt: target.endsAt,
        headline: `target ${target.date} near`,
        reason: `The target ${target.date} is less than ${formatDuration(rule.within)} away and it is still in ${s.stay?.phase ?? 'no phase'}`,
        evidence: [`target ${target.date} set ${new Date(target.since).toISOString()}`],
      },
    };
  },
};

/** A phase of the policy stands after the one held now. */
function phasesLeft(s: Situation): boolean {
  const last = s.policy.phases.at(-1);
  return !last || !s.stay || s.stay.phase !== last.name;
}

/** The first instant, to the minute, from which `within` reaches the end: found by halving, since adding is monotone. */
function nearFrom(calendar: Calendar, endsAt: number, within: Duration): number {
  let early = endsAt - (within.amount * 4 + 30) * DAY_MS;
  let late = endsAt;
  while (late - early > MINUTE_MS) {
    const middle = early + Math.floor((late - early) / 2);
    if (addDuration(calendar, middle, within) >= endsAt) late = middle;
    else early = middle;
  }
  return late;
}
