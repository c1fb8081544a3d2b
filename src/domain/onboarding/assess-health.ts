import { phasePolicy } from '../policy/phases.js';
import type { Health } from './health.js';
import { clockDue, type Situation } from './situation.js';
import { isStopped } from '../time/stops.js';

export interface Assessment {
  readonly health: Health;
  /** When `behind` or `stuck` would begin if nothing changes; null where neither lies ahead. */
  readonly next: { readonly health: Health; readonly at: number } | null;
}

/** The strongest of the six that holds now. Thresholds are the phase's own, whether or not a rule chases on them. */
export function assessHealth(s: Situation): Assessment {
  if (s.life === 'completed' || s.life === 'closed') return { health: 'done', next: null };
  if (s.hold || isStopped(s.stops.customer, s.now)) return { health: 'waiting', next: null };
  const slow = s.life === 'running' && s.stay ? slowness(s) : ON_TRACK;
  const risk = s.history.risks.at(-1);
  return risk && risk.to === null ? { health: 'at_risk', next: null } : slow;
}

const ON_TRACK: Assessment = { health: 'on_track', next: null };

function slowness(s: Situation): Assessment {
  if (!s.stay) return ON_TRACK;
  const { behind, stuck } = phasePolicy(s.policy, s.stay.phase);
  const stuckAt = clockDue(s, s.stay.from, stuck, 'any_hold');
  if (stuckAt !== null && stuckAt <= s.now) return { health: 'stuck', next: null };
  const behindAt = clockDue(s, s.stay.from, behind, 'any_hold');
  if (behindAt !== null && behindAt <= s.now) return { health: 'behind', next: ahead('stuck', stuckAt) };
  return { health: 'on_track', next: ahead('behind', behindAt) };
}

const ahead = (health: Health, at: number | null): Assessment['next'] => (at === null ? null : { health, at });
