import { decidesAs } from '../core.js';
import { clockDue, type Situation, type StopClass } from '../onboarding/situation.js';
import type { Level } from '../policy/policy.js';
import type { Escalation, Send } from './escalation.js';
import { ownerOf } from './recipients.js';

/** The next thing a ladder does, and when; null where it has reached its end or cannot go on by the clock alone. */
export interface Step {
  readonly what: 'level' | 'repeat';
  readonly level: number;
  readonly at: number;
}

/** The one it was opened on; where that is in the policy no more (it was renamed), the one its rule has now. */
export function ladderOf(s: Situation, escalation: Escalation): readonly Level[] {
  const { ladders, rules } = s.policy;
  const own = ladders[escalation.ladder];
  if (own || !decidesAs(s.state, 2)) return own ?? [];
  return ladders[rules[escalation.rule]?.ladder ?? ''] ?? [];
}

/**
 * The level it stands at, as the policy has it now: the last one where the ladder was shortened since, so that what stands
 * higher goes on as its end does. Undefined before level 1.
 */
export function levelOf(s: Situation, escalation: Escalation): Level | undefined {
  const levels = ladderOf(s, escalation);
  const standing = decidesAs(s.state, 3) ? Math.min(escalation.level, levels.length) : escalation.level;
  return levels[standing - 1];
}

/**
 * A level counts from the moment the one before reached somebody, level 1 from the opening (or the restart), so that
 * an outage of any length never brings two levels at once. A repeat counts from the message before it.
 */
export function nextStep(s: Situation, escalation: Escalation, stops: StopClass): Step | null {
  const next = ladderOf(s, escalation)[escalation.level];
  const current = levelOf(s, escalation);
  const candidates: Step[] = [];
  const base = escalation.level === 0 ? escalation.levelAt : reachedAt(s, escalation, escalation.levelRound);
  if (next && base !== null) {
    const at = clockDue(s, base, next.after, stops);
    if (at !== null) candidates.push({ what: 'level', level: escalation.level + 1, at });
  }
  const last = current ? reachedAt(s, escalation, escalation.round) : null;
  if (current?.repeat && escalation.repeats < current.repeat.times && last !== null) {
    const at = clockDue(s, last, current.repeat.every, stops);
    if (at !== null) candidates.push({ what: 'repeat', level: escalation.level, at });
  }
  return candidates.sort((a, b) => a.at - b.at)[0] ?? null;
}

/**
 * When the current level reached the first of its own recipients (of the owner, where the owner is one of them and can
 * be reached), else its fallback, else when the last of these failed for good; null while that is open.
 */
export function reachedAt(s: Situation, escalation: Escalation, round: number): number | null {
  const sends = escalation.sends.filter(
    (one) =>
      one.kind === 'notified' && one.level === escalation.level && one.round === round && one.status !== 'withdrawn',
  );
  if (!sends.length) return escalation.level === 0 ? null : (escalation.carriedReachedAt ?? escalation.levelAt);
  const own = sends.filter((one) => !one.fallback);
  const owner = ownerOf(s, escalation)?.id;
  const toOwner = own.filter((one) => one.recipient.id === owner || one.recipient.insteadOf === owner);
  for (const group of [toOwner, own, sends.filter((one) => one.fallback)]) {
    if (!group.length || group.every(hasFailed)) continue;
    return firstSent(group);
  }
  return Math.max(...sends.map((one) => one.failedAt ?? escalation.levelAt));
}

const hasFailed = (send: Send) => send.status === 'failed';

function firstSent(sends: readonly Send[]): number | null {
  const instants = sends.flatMap((one) => (one.sentAt === undefined ? [] : [one.sentAt]));
  return instants.length ? Math.min(...instants) : null;
}

/**
 * Every own send of the current level and round failed for good, and the fallback was not tried. One that was withdrawn,
 * since its recipient went away, reached nobody and hopes for nothing.
 */
export function needsFallback(s: Situation, escalation: Escalation): boolean {
  const counts = (one: Send) => one.status !== 'withdrawn' || !decidesAs(s.state, 2);
  if (escalation.escalateNow && decidesAs(s.state, 2)) return false;
  const sends = escalation.sends.filter((one) => isOfRound(escalation, one) && counts(one));
  const own = sends.filter((one) => !one.fallback);
  return own.length > 0 && own.every(hasFailed) && own.length === sends.length;
}

/** A chase of the level and round that the escalation stands at. */
export const isOfRound = ({ level, round }: Escalation, send: Send): boolean =>
  send.kind === 'notified' && send.level === level && send.round === round;
