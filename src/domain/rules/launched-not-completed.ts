import { clockRun } from '../onboarding/situation.js';
import { dueAt } from '../time/clock-run.js';
import { formatDuration } from '../time/duration.js';
import { none, type Rule } from './rule.js';

/** Live with end users, and still not handed over. */
export const launchedNotCompleted: Rule = {
  name: 'launched_not_completed',
  stops: 'any_hold',
  returns: true,
  look(s) {
    const rule = s.policy.rules.launched_not_completed;
    if (!rule) return none('The rule is off.');
    if (s.life !== 'launched' || s.launchedAt === null)
      return none(s.life === 'running' ? 'It has not launched.' : 'It has ended.');
    const since = s.launchedAt;
    const clock = clockRun(s, since, rule.after, 'any_hold');
    return {
      condition: {
        episode: { subject: '', since, weight: 0 },
        dueAt: dueAt(clock),
        clock,
        headline: 'launched, not completed',
        reason: `Launched more than ${formatDuration(rule.after)} ago and not completed`,
        evidence: [`launched ${new Date(since).toISOString()}`],
      },
    };
  },
};
