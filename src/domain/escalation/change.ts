import { decidesAs } from '../core.js';
import type { Situation } from '../onboarding/situation.js';
import type { Actor, Escalation, ResolvedHow, Send } from './escalation.js';
import { recordOwner } from './recipients.js';

/** The changes an escalation goes through, each a plain function from one value to the next. */

/** When it became what it is; 0 while it is open. */
export const changedAt = ({ acknowledged, snoozed, resolved: end }: Escalation): number =>
  (end ?? acknowledged ?? snoozed)?.at ?? 0;

/** Nothing that has not left yet goes out: waiting sends are withdrawn, a call on the wire is left to its end. */
export function withdrawWaiting(sends: readonly Send[]): readonly Send[] {
  return sends.map(withdrawn);
}

const withdrawn = (send: Send): Send =>
  send.kind === 'notified' && send.status === 'waiting' ? { ...send, status: 'withdrawn' } : send;

export function resolved(
  escalation: Escalation,
  how: ResolvedHow,
  at: number,
  reason: string,
  by: Actor | null,
): Escalation {
  const { acknowledged: _a, snoozed: _s, restartDue: _r, escalateNow: _e, ...rest } = escalation;
  return { ...rest, status: 'resolved', resolved: { by, at, reason, how }, sends: withdrawWaiting(escalation.sends) };
}

/** Back to level 1, for whoever owns it now. */
export function restarted(s: Situation, escalation: Escalation): Escalation {
  const { acknowledged: _a, snoozed: _s, restartDue: _r, escalateNow: _e, carriedReachedAt: _c, ...rest } = escalation;
  const round = escalation.round + 1;
  return {
    ...since(rest, round),
    status: 'open',
    level: 0,
    levelAt: s.now,
    levelDueAt: s.now,
    repeats: 0,
    round,
    startedFor: recordOwner(s)?.id ?? null,
    sends: withdrawWaiting(escalation.sends),
  };
}

/** A new owner's, on the level where it stands: nothing of the rounds before leaves any more. */
export function takenOver(s: Situation, escalation: Escalation): Escalation {
  const { restartDue: _r, carriedReachedAt: _c, ...rest } = escalation;
  const round = escalation.round + 1;
  return {
    ...since(rest, round),
    round,
    startedFor: recordOwner(s)?.id ?? null,
    sends: withdrawWaiting(escalation.sends),
  };
}

/** Open again after an acknowledge or snooze ended, in a new round of the same level. */
export function awoken(escalation: Escalation, at: number): Escalation {
  const { acknowledged: _a, snoozed: _s, carriedReachedAt: _c, ...rest } = escalation;
  const round = escalation.round + 1;
  return { ...since(rest, round), status: 'open', round, levelRound: round, levelDueAt: at };
}

/** What was on its way before is wanted no more: it was called off, and is not taken up again. */
const since = <T extends Pick<Escalation, 'sinceRound'>>(rest: T, round: number): T =>
  rest.sinceRound === undefined ? rest : { ...rest, sinceRound: round };

export function climbed(s: Situation, escalation: Escalation, level: number, dueAt: number): Escalation {
  const { escalateNow: _e, carriedReachedAt: _c, ...rest } = escalation;
  return { ...rest, level, levelAt: s.now, levelDueAt: dueAt, levelRound: escalation.round, repeats: 0 };
}

/**
 * The level once more. What of the round before still waits on it is replaced by this one's, and does not leave beside
 * it; what waits on a lower level is replaced by nobody, and leaves.
 */
export function repeated(s: Situation, escalation: Escalation, dueAt: number): Escalation {
  const { escalateNow: _e, ...rest } = escalation;
  const isReplaced = (send: Send) => decidesAs(s.state, 2) && send.level === escalation.level;
  const sends = escalation.sends.map((send) => (isReplaced(send) ? withdrawn(send) : send));
  return { ...rest, levelDueAt: dueAt, round: escalation.round + 1, repeats: escalation.repeats + 1, sends };
}

export function withSends(escalation: Escalation, sends: readonly Send[]): Escalation {
  const known = new Set(escalation.sends.map((one) => one.key));
  const fresh = sends.filter((one) => !known.has(one.key));
  return fresh.length ? { ...escalation, sends: [...escalation.sends, ...fresh] } : escalation;
}
