import type { Situation } from '../onboarding/situation.js';
import type { Escalation } from './escalation.js';
import { reachedAt } from './ladder.js';

/**
 * A silence that turns out to be a stuck phase: the stuck escalation takes over the level, the acknowledge and the
 * snooze of the silent one, so that nobody is told the same thing from level 1 again.
 */
export function absorb(s: Situation, silent: Escalation, stuck: Escalation, levels: number): Escalation {
  const passed = reachedLevel(s, silent);
  if (!passed || passed.level <= stuck.level) return withStatus(silent, stuck);
  const level = Math.min(passed.level, levels);
  return withStatus(silent, {
    ...stuck,
    level,
    levelAt: passed.at,
    levelRound: stuck.round,
    repeats: 0,
    carriedReachedAt: passed.at,
  });
}

/** The escalation that goes on in its place, or went on in it, where it was absorbed and that is remembered. */
export const absorberOf = (all: readonly Escalation[], { absorbedBy }: Escalation): Escalation | undefined =>
  absorbedBy === undefined ? undefined : all.find((one) => one.id === absorbedBy);

/** The highest level that reached somebody: a message that still waits for the morning is one that nobody has read. */
function reachedLevel(s: Situation, silent: Escalation): { level: number; at: number } | null {
  const current = silent.level > 0 ? reachedAt(s, silent, silent.levelRound) : null;
  if (current !== null) return { level: silent.level, at: current };
  const before = silent.sends.findLast(
    (one) => one.kind === 'notified' && one.level < silent.level && one.sentAt !== undefined,
  );
  return before?.sentAt === undefined ? null : { level: before.level, at: before.sentAt };
}

function withStatus(silent: Escalation, stuck: Escalation): Escalation {
  if (stuck.status !== 'open' || (silent.status !== 'acknowledged' && silent.status !== 'snoozed')) return stuck;
  return {
    ...stuck,
    status: silent.status,
    ...(silent.acknowledged ? { acknowledged: silent.acknowledged } : {}),
    ...(silent.snoozed ? { snoozed: silent.snoozed } : {}),
    ...(silent.lastAct ? { lastAct: silent.lastAct } : {}),
  };
}
