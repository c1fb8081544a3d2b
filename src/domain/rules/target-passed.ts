import { currentTarget } from '../onboarding/target.js';
import { afterStops } from '../time/stops.js';
import { none, type Rule } from './rule.js';

/** The day of the target is over in the workspace zone and the onboarding has not launched. */
export const targetPassed: Rule = {
  name: 'target_passed',
  stops: 'pause',
  returns: true,
  look(s) {
    if (!s.policy.rules.target_passed) return none('The rule is off.');
    if (s.life !== 'running') return none('It has launched or ended.');
    const target = currentTarget(s);
    if (!target) return none('No target date is set.');
    return {
      condition: {
        episode: { subject: target.date, since: target.since, weight: 0 },
        dueAt: afterStops(s.stops.pause, Math.max(target.endsAt, target.since)),
        headline: `past its target ${target.date}`,
        reason: `The target ${target.date} has passed and it has not launched`,
        evidence: [`target ${target.date} set ${new Date(target.since).toISOString()}`],
      },
    };
  },
};
