import type { Situation } from '../onboarding/situation.js';
import type { Escalation } from './escalation.js';
import { reachedAt } from './ladder.js';

/**
 * A silence that turns out to be a stuck phase: the stuck escalation takes over the level, the acknowledge and the
 * snooze of the silent one, so that nobody is told the same thing from level 1 again.
 */
export function absorb(s: Situation, silent: Escalation, stuck: Escalation, levels: number): Escalation {
  if (silent.level <= stuck.level) return withStatus(silent, stuck);
  const level = Math.min(silent.level, levels);
  const reached = reachedAt(s, silent, silent.levelRound);
  return withStatus(silent, {
    ...stuck,
    level,
    levelAt: silent.levelAt,
    levelRound: stuck.round,
    repeats: 0,
    carriedReachedAt: reached ?? s.now,
  });
}

function withStatus(silent: Escalation, stuck: Escalation): Escalation {
  if (stuck.status !== 'open' || (silent.status !== 'acknowledged' && silent.status !== 'snoozed')) return stuck;
  return {
    ...stuck,
    status: silent.status,
    ...(silent.acknowledged ? { acknowledged: silent.acknowledged } : {}),
    ...(silent.snoozed ? { snoozed: silent.snoozed } : {}),
  };
}
