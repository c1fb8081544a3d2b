import { clockRun } from '../onboarding/situation.js';
import { dueAt } from '../time/clock-run.js';
import { formatDuration } from '../time/duration.js';
import { none, type Rule } from './rule.js';

/** Nothing has happened for too long: no phase, state, target or owner change and no task. */
export const noActivity: Rule = {
  name: 'no_activity',
  stops: 'any_hold',
  returns: true,
  look(s) {
    const rule = s.policy.rules.no_activity;
    if (!rule) return none('The rule is off.');
    if (s.life !== 'running') return none('It has launched or ended.');
    const last = s.history.activityAt ?? s.history.createdAt ?? s.history.firstSeenAt;
    const clock = clockRun(s, last, rule.after, 'any_hold');
    return {
      condition: {
        episode: { subject: '', since: last, weight: 0 },
        dueAt: dueAt(clock),
        clock,
        headline: 'silent',
        reason: `No activity for ${formatDuration(rule.after)}`,
        evidence: [
          `last activity ${new Date(last).toISOString()}${s.history.activity ? `: ${s.history.activity}` : ''}`,
        ],
      },
    };
  },
};
