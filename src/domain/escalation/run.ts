import { decidesAs } from '../core.js';
import { isFrozen, situate, type Situation } from '../onboarding/situation.js';
import { RULES } from '../rules/index.js';
import type { Rule } from '../rules/rule.js';
import { afterStops } from '../time/stops.js';
import { sayInstant } from '../time/say.js';
import type { Turn } from '../turn.js';
import { awoken, climbed, repeated, restarted, takenOver, withSends } from './change.js';
import type { Escalation } from './escalation.js';
import { lastHeardAt } from './last-heard.js';
import { ladderOf, levelOf, needsFallback, nextStep, type Step } from './ladder.js';
import { readdressed } from './readdress.js';
import { asOfNow, personNamed, recordOwner } from './recipients.js';
import { sendWhatIsDue, stopWhatIsUnwanted } from './send-out.js';
import { fallbackSends, levelSends, peopleSends } from './sends.js';
import { pendingUpdates } from './updates.js';

/** More steps than a ladder can have due at one instant: every level waits for the one before it to reach somebody. */
const MOST_STEPS = 8;

/**
 * Carries one escalation to where it should stand now: ends an acknowledge or snooze that is over, starts again for a
 * new owner, climbs what is due, and hands out the sends. Frozen, it does nothing but keep what was sent true.
 */
export function runEscalation(turn: Turn, escalation: Escalation): void {
  const rule = RULES.find((one) => one.name === escalation.rule) as Rule;
  let current = escalation;
  if (current.status !== 'resolved' && !isFrozen(turn.s, rule.stops)) {
    current = endWaits(turn, rule, current);
    if (current.status === 'open') {
      current = followOwner(turn, rule, current);
      current = runLadder(turn, rule, readdressed(turn, rule, current));
    }
  }
  current = withSends(current, pendingUpdates(turn, current));
  current = stopWhatIsUnwanted(turn, current);
  current = sendWhatIsDue(turn, rule, current);
  if (current !== escalation) turn.put(current);
}

/** An acknowledge or snooze that is over; one that ends during a hold waits for the resume. */
function endWaits(turn: Turn, rule: Rule, escalation: Escalation): Escalation {
  const { s } = turn;
  const end = escalation.acknowledged?.expiresAt ?? escalation.snoozed?.until;
  if (escalation.status === 'open' || end === undefined) return escalation;
  const at = afterStops(s.stops[rule.stops], end);
  if (at === null) return noteOwner(s, escalation);
  if (at > s.now) {
    turn.wakeAt(
      at,
      `${rule.name}/${escalation.status}`,
      () => `${escalation.status === 'snoozed' ? 'Snooze' : 'Acknowledge'} ends ${sayInstant(s.calendar, at)}`,
    );
    return noteOwner(s, escalation);
  }
  const noted = noteOwner(s, escalation);
  const what =
    escalation.status === 'snoozed' ? 'Snooze ended' : `Acknowledge by ${escalation.acknowledged?.by.name} expired`;
  turn.log('expired', escalation, `${what}: nobody acted in that time.`);
  if (noted.restartDue) return restarted(s, noted);
  return resend(turn, awoken(noted, at), escalation.acknowledged?.by.person);
}

/** The level goes once more: to whoever acknowledged, where that is a person here, else to the level's recipients. */
function resend(
  turn: Turn,
  escalation: Escalation,
  acker: Parameters<typeof peopleSends>[2][number] | undefined,
): Escalation {
  if (escalation.level === 0) return escalation;
  const level = levelOf(turn.s, escalation);
  const toAcker = acker ? peopleSends(turn.s, escalation, [asOfNow(turn.s, acker)], level?.channels) : [];
  if (toAcker.length) return withSends(escalation, toAcker);
  return level ? withSends(escalation, levelSends(turn.s, escalation, level)) : escalation;
}

/** A new owner in the record restarts an open escalation; an acknowledged or snoozed one restarts when that ends. */
function followOwner(turn: Turn, rule: Rule, escalation: Escalation): Escalation {
  const owner = recordOwner(turn.s)?.id ?? null;
  if (escalation.assigned || isSameOwner(turn.s, escalation)) return escalation;
  if (escalation.level === 0) return { ...escalation, startedFor: owner };
  if (escalation.escalateNow && decidesAs(turn.s.state, 3)) return climbForNewOwner(turn, rule, escalation);
  turn.log('restarted', escalation, 'A new owner: the ladder starts again at level 1.');
  return restarted(turn.s, escalation);
}

/**
 * A new owner came while it was acknowledged, snoozed or frozen, and somebody asked for the next level. They want more
 * people to know, and a restart would tell fewer: it climbs as they asked. The new owner, who may not be on that level and
 * has heard nothing, is told with it; level 1 after that would be the same thing twice.
 */
function climbForNewOwner(turn: Turn, rule: Rule, escalation: Escalation): Escalation {
  const theirs = takenOver(turn.s, escalation);
  return take(turn, rule, theirs, stepNow(turn.s, theirs) ?? repeatNow(turn.s, theirs), ['owner']);
}

/** Also where the ladder started for a mere address that the policy has given a name since: it is the same mailbox. */
function isSameOwner(s: Situation, { startedFor }: Escalation): boolean {
  const owner = recordOwner(s);
  if ((owner?.id ?? null) === startedFor) return true;
  if (startedFor === null || owner === null || !decidesAs(s.state, 2)) return false;
  return personNamed(s.policy, startedFor)?.id === owner.id;
}

function noteOwner(s: Situation, escalation: Escalation): Escalation {
  const changed = !escalation.assigned && !isSameOwner(s, escalation);
  return changed === (escalation.restartDue ?? false) ? escalation : { ...escalation, restartDue: changed };
}

function runLadder(turn: Turn, rule: Rule, escalation: Escalation): Escalation {
  let current = escalation;
  for (let n = 0; n < MOST_STEPS; n++) {
    if (needsFallback(turn.s, current)) current = withSends(current, fallbackSends(turn.s, current));
    const step = current.escalateNow ? stepNow(turn.s, current) : nextStep(turn.s, current, rule.stops);
    if (!step) return current.escalateNow ? take(turn, rule, current, repeatNow(turn.s, current)) : current;
    if (step.at > turn.s.now) {
      const waiting = current;
      const what = step.what === 'level' ? `level ${step.level} due` : `level ${step.level} again`;
      turn.wakeAt(
        step.at,
        `${rule.name}/level`,
        () => `${headline(waiting)}: ${what} ${sayInstant(turn.s.calendar, step.at)}`,
      );
      return current;
    }
    current = take(turn, rule, current, step);
  }
  return current;
}

/** The next level at once, because a person asked; null on the last level, which is then repeated. */
function stepNow(s: Situation, escalation: Escalation): Step | null {
  const next = ladderOf(s, escalation)[escalation.level];
  return next ? { what: 'level', level: escalation.level + 1, at: s.now } : null;
}

const repeatNow = (s: Situation, { level }: Escalation): Step => ({ what: 'repeat', level, at: s.now });

/** `also` are told beside the level's own recipients, each person once. */
function take(turn: Turn, rule: Rule, escalation: Escalation, step: Step, also: readonly string[] = []): Escalation {
  const dueAt = fellDueAt(turn.s, rule, escalation, step);
  const stepped =
    step.what === 'level' ? climbed(turn.s, escalation, step.level, dueAt) : repeated(turn.s, escalation, dueAt);
  const level = levelOf(turn.s, stepped);
  const sends = level ? levelSends(turn.s, stepped, { ...level, to: [...also, ...level.to] }) : [];
  const whom =
    sends.map((send) => `${send.recipient.name}${send.fallback ? ' (fallback)' : ''}`).join(', ') ||
    'nobody can be reached';
  turn.log(
    step.what === 'level' ? 'climbed' : 'repeated',
    stepped,
    `${headline(stepped)}: level ${stepped.level}${step.what === 'repeat' ? ' again' : ''}, ${whom}.`,
  );
  return withSends(stepped, sends);
}

/**
 * Level 1 was due when the condition was, however late the decision came; a step after an acknowledge or snooze no
 * earlier than that ended. Nothing is due while its rule is frozen, nor, where its clock ever stood still, before the
 * last word was heard: that may have been of a resume of long ago, or that there never was a pause.
 */
function fellDueAt(s: Situation, rule: Rule, escalation: Escalation, step: Step): number {
  const first = step.level === 1 && escalation.round === 0;
  const dueAt = first
    ? Math.min(step.at, escalation.dueAt + (step.at - escalation.openedAt))
    : Math.max(step.at, escalation.levelDueAt);
  const stops = s.stops[rule.stops];
  const thawed = afterStops(stops, dueAt) ?? dueAt;
  const heardAt = lastHeardAt(s);
  const stoodStill = stops.length > 0 || stopsBefore(s, heardAt)[rule.stops].length > 0;
  return stoodStill ? Math.min(s.now, Math.max(thawed, heardAt)) : thawed;
}

/** What stopped the clocks as far as was known before the word that was heard at `heardAt`. */
function stopsBefore(s: Situation, heardAt: number): Situation['stops'] {
  const facts = s.state.facts.filter((fact) => fact.heardAt < heardAt);
  return situate({ ...s.state, facts }, s.policy, s.now).stops;
}

const headline = (escalation: Escalation): string =>
  escalation.rule.replaceAll('_', ' ').replace(/^./, (first) => first.toUpperCase()) +
  (escalation.episode.subject ? ` (${escalation.episode.subject})` : '');
