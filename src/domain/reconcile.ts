import type { Decision } from './decision.js';
import { runEscalation } from './escalation/run.js';
import { reviewRules } from './escalation/review.js';
import { endOfLife } from './onboarding/end-of-life.js';
import { type Assessment, assessHealth } from './onboarding/assess-health.js';
import { customerMatters } from './onboarding/customer-matters.js';
import { digest } from './onboarding/digest.js';
import { sayStanding } from './onboarding/say-standing.js';
import { situate } from './onboarding/situation.js';
import type { OnboardingState } from './onboarding/state.js';
import type { Policy } from './policy/policy.js';
import { sayInstant } from './time/say.js';
import { Turn } from './turn.js';

/**
 * Decides everything. Derives which conditions hold now, compares them with the escalations that are open, and returns
 * what to open, climb, resolve and send, the one next instant at which anything could change, and the reasons in words.
 *
 * Level-triggered: called twice at one instant it decides nothing the second time; called late it decides what is due
 * by then, one level a time, and never makes up for instants that went by.
 */
export function reconcile(state: OnboardingState, policy: Policy, now: number): Decision {
  const s = situate(state, policy, now);
  const turn = new Turn(s);
  reviewRules(turn);
  for (const escalation of turn.escalations) runEscalation(turn, escalation);
  const health = assessHealth(s);
  wakeAtNextHealth(turn, health);
  wakeAtHoldEnds(turn);
  const matters = customerMatters(turn);
  const end = endOfLife(turn);
  let next = { ...turn.finish(), ...matters };
  const shown = digest(s, health.health, turn.escalations);
  const calling = turn.escalations.some((one) => one.sends.some((send) => send.status === 'calling'));
  const endedAt = end ? (state.endedAt ?? now) : null;
  if (endedAt !== state.endedAt) next = { ...next, endedAt };
  if (end && next.linkedTo) next = { ...next, linkedTo: null };
  if (end) turn.effects.push({ do: 'close' });
  if (!end && shown !== state.shown && !calling) {
    turn.effects.push({ do: 'project' });
    next = { ...next, shown };
  }
  return {
    state: same(state, next) ? state : next,
    effects: turn.effects,
    wake: end ? null : turn.wake,
    why: () => [...turn.why, ...sayStanding(s)],
  };
}

function wakeAtNextHealth(turn: Turn, { next }: Assessment): void {
  if (!next) return;
  const label = () =>
    `${next.health === 'stuck' ? 'Stuck' : 'Behind'} ${sayInstant(turn.s.calendar, next.at)} if nothing changes`;
  turn.wakeAt(next.at, `health/${next.health}`, label);
}

/** A hold with a known end changes what is frozen on that instant. */
function wakeAtHoldEnds(turn: Turn): void {
  for (const hold of turn.s.holds) {
    if (hold.to !== null)
      turn.wakeAt(
        hold.to,
        `hold/${hold.state}`,
        () => `Hold (${hold.state}) ends ${sayInstant(turn.s.calendar, hold.to as number)}`,
      );
  }
}

function same(a: OnboardingState, b: OnboardingState): boolean {
  return (Object.keys(b) as (keyof OnboardingState)[]).every((key) => a[key] === b[key]);
}
