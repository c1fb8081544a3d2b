import { decidesAs } from '../core.js';
import type { Situation } from '../onboarding/situation.js';
import { findPerson } from '../policy/person.js';
import type { Turn } from '../turn.js';
import { withSends } from './change.js';
import type { Escalation, Send } from './escalation.js';
import { ladderOf } from './ladder.js';
import { presenceOf } from './presence.js';
import { fallbackSends, peopleSends } from './sends.js';

/**
 * Whoever was present when a chase was made may be away by the time it can leave: it waited for a morning, for a channel
 * that failed, behind the gate or through a hold, or their time off was published since. It goes to whoever stands in
 * for them then, and to the fallback where that is nobody and nobody else of the level has it.
 */
export function readdressed(turn: Turn, escalation: Escalation): Escalation {
  const { s } = turn;
  if (!decidesAs(s.state, 2)) return escalation;
  const missed = escalation.sends.filter((send) => isMissed(s, escalation, send));
  if (!missed.length) return escalation;
  const sends = escalation.sends.map((one): Send => (missed.includes(one) ? { ...one, status: 'withdrawn' } : one));
  let current: Escalation = { ...escalation, sends };
  for (const send of missed) {
    const text = `Level ${send.level} no longer waits for ${send.recipient.name}, who is away.`;
    turn.log('withdrawn', current, text, send.key);
    current = replaced(current, standInSends(s, current, send));
  }
  const isCovered = current.sends.some((one) => isOfRound(current, one) && one.status !== 'withdrawn');
  return isCovered ? current : replaced(current, fallbackSends(s, current));
}

/** A chase of this round that could leave, and its recipient is away. */
function isMissed(s: Situation, escalation: Escalation, send: Send): boolean {
  if (!isOfRound(escalation, send) || send.status !== 'waiting' || send.notBefore > s.now) return false;
  const recipient = findPerson(s.policy, send.recipient.id);
  if (!recipient) return false;
  const presence = presenceOf(s, recipient, s.now, s.policy.rules[escalation.rule]?.anyHour ?? false);
  return presence?.person.id !== recipient.id;
}

function standInSends(s: Situation, escalation: Escalation, { recipient, fallback }: Send): readonly Send[] {
  const asked = findPerson(s.policy, recipient.insteadOf ?? recipient.id);
  const ofFallback = s.policy.fallback.channels.length ? s.policy.fallback.channels : undefined;
  const channels = fallback ? ofFallback : ladderOf(s, escalation)[escalation.level - 1]?.channels;
  return asked ? peopleSends(s, escalation, [asked], channels, fallback) : [];
}

/** One that was withdrawn waits again where it is its recipient's turn after all: it has never left. */
function replaced(escalation: Escalation, fresh: readonly Send[]): Escalation {
  const sends = escalation.sends.map(
    (one) => (one.status === 'withdrawn' && fresh.find((again) => again.key === one.key)) || one,
  );
  return withSends({ ...escalation, sends }, fresh);
}

const isOfRound = (escalation: Escalation, send: Send): boolean =>
  send.kind === 'notified' && send.level === escalation.level && send.round === escalation.round;
