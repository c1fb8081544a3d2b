import { clockRun } from '../onboarding/situation.js';
import { dueAt } from '../time/clock-run.js';
import { formatDuration } from '../time/duration.js';
import { none, type Rule } from './rule.js';

/** Waiting, blocked or paused for longer than is good for it. */
export const waitingTooLong: Rule = {
  name: 'waiting_too_long',
  stops: 'customer',
  returns: true,
  look(s) {
    const rule = s.policy.rules.waiting_too_long;
    if (!rule) return none('The rule is off.');
    if (s.life === 'completed' || s.life === 'closed') return none('It has ended.');
    if (!s.hold) return none('It is not held.');
    const after = rule.after[s.hold.state];
    const clock = clockRun(s, s.hold.from, after, 'customer');
    return {
      condition: {
        episode: { subject: s.hold.state, since: s.hold.from, weight: 0 },
        dueAt: dueAt(clock),
        clock,
        headline: `${s.hold.state} too long`,
        reason: `${s.hold.state[0]?.toUpperCase()}${s.hold.state.slice(1)} for more than ${formatDuration(after)}`,
        evidence: [
          `${s.hold.state} since ${new Date(s.hold.from).toISOString()}${s.hold.reason ? `: ${s.hold.reason}` : ''}`,
        ],
      },
    };
  },
};
