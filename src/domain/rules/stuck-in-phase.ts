import { clockRun } from '../onboarding/situation.js';
import { phasePolicy } from '../policy/phases.js';
import { dueAt } from '../time/clock-run.js';
import { formatDuration } from '../time/duration.js';
import { none, type Rule } from './rule.js';

/** The phase has been held longer than its `stuck` threshold, holds left out. */
export const stuckInPhase: Rule = {
  name: 'stuck_in_phase',
  stops: 'any_hold',
  returns: true,
  look(s) {
    if (!s.policy.rules.stuck_in_phase) return none('The rule is off.');
    if (s.life !== 'running') return none('It has launched or ended, so no phase can be stuck.');
    if (!s.stay) return none('No phase was ever seen.');
    const { phase, from, atLeast } = s.stay;
    const threshold = phasePolicy(s.policy, phase).stuck;
    const clock = clockRun(s, from, threshold, 'any_hold');
    return {
      condition: {
        episode: { subject: phase, since: from, weight: 0 },
        dueAt: dueAt(clock),
        clock,
        headline: `stuck in ${phase}`,
        reason: `In ${phase} for ${atLeast ? 'at least ' : 'more than '}${formatDuration(threshold)}`,
        evidence: [`${atLeast ? 'first seen in' : 'entered'} ${phase} ${new Date(from).toISOString()}`],
      },
    };
  },
};
