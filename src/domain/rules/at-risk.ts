import { clockRun } from '../onboarding/situation.js';
import { dueAt } from '../time/clock-run.js';
import { none, type Rule } from './rule.js';

/** The at-risk flag is set, and nobody has acted within `after`. */
export const atRisk: Rule = {
  name: 'at_risk',
  stops: 'pause',
  returns: true,
  look(s) {
    const rule = s.policy.rules.at_risk;
    if (!rule) return none('The rule is off.');
    if (s.life === 'completed' || s.life === 'closed') return none('It has ended.');
    const span = s.history.risks.at(-1);
    if (!span || span.to !== null) return none('No risk flag is set.');
    const clock = clockRun(s, span.from, rule.after, 'pause');
    return {
      condition: {
        episode: { subject: '', since: span.from, weight: span.events.length },
        dueAt: dueAt(clock),
        clock,
        headline: 'at risk',
        reason: 'Flagged at risk',
        evidence: span.events.map((at) => `at-risk event ${new Date(at).toISOString()}`),
        evidenceAt: span.events,
      },
    };
  },
};
