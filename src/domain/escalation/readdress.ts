import { decidesAs } from '../core.js';
import type { Situation } from '../onboarding/situation.js';
import { findPerson } from '../policy/person.js';
import type { Rule } from '../rules/rule.js';
import type { Turn } from '../turn.js';
import { withSends } from './change.js';
import type { Escalation, Send } from './escalation.js';
import { isOfRound, levelOf } from './ladder.js';
import { type Presence, presenceOf } from './presence.js';
import { leavesAt } from './send-out.js';
import { fallbackSends, levelSends, peopleSends } from './sends.js';

/**
 * Whoever was present when a chase was made may be away by the time it can leave: it waited for a morning, for a channel
 * that failed, behind the gate or through a hold, or their time off was published since. It goes to whoever stands in
 * for them then; a short absence is waited out; and where nobody else of the level has it, it goes to whoever of it is
 * there, and else to the fallback.
 */
export function readdressed(turn: Turn, rule: Rule, escalation: Escalation): Escalation {
  const { s } = turn;
  if (!decidesAs(s.state, 2)) return escalation;
  let current = escalation;
  for (const send of escalation.sends) {
    if (!isOfRound(escalation, send) || send.status !== 'waiting' || leavesAt(turn, rule, current, send) > s.now)
      continue;
    const presence = presenceAt(s, escalation, send);
    if (presence === undefined) continue;
    if (presence?.person.id !== send.recipient.id)
      current = handedOn(turn, put(current, { ...send, status: 'withdrawn' }), send);
    else if (presence.from > s.now) current = put(current, { ...send, notBefore: presence.from });
  }
  return current === escalation || isCovered(current) ? current : replaced(current, lastResort(s, escalation, current));
}

/** Who takes what waits for its recipient, from when on; null for nobody, undefined where the policy does not know them. */
function presenceAt(s: Situation, escalation: Escalation, { recipient }: Send): Presence | null | undefined {
  const person = findPerson(s.policy, recipient.id);
  return person && presenceOf(s, person, s.now, s.policy.rules[escalation.rule]?.anyHour ?? false);
}

function handedOn(turn: Turn, escalation: Escalation, send: Send): Escalation {
  const text = `Level ${send.level} no longer waits for ${send.recipient.name}, who is away.`;
  turn.log('withdrawn', escalation, text, send.key);
  return replaced(escalation, standInSends(turn.s, escalation, send));
}

function standInSends(s: Situation, escalation: Escalation, { recipient, fallback }: Send): readonly Send[] {
  const asked = findPerson(s.policy, recipient.insteadOf ?? recipient.id);
  const ofFallback = s.policy.fallback.channels.length ? s.policy.fallback.channels : undefined;
  const channels = fallback ? ofFallback : levelOf(s, escalation)?.channels;
  return asked ? peopleSends(s, escalation, [asked], channels, fallback) : [];
}

/** A level that goes to one who acknowledged it is of others too, and they may be there. */
function lastResort(s: Situation, before: Escalation, escalation: Escalation): readonly Send[] {
  const level = levelOf(s, escalation);
  const wasFallback = before.sends.some((one) => isOfRound(before, one) && one.status === 'waiting' && one.fallback);
  return level && !wasFallback ? levelSends(s, escalation, level) : fallbackSends(s, escalation);
}

/** Somebody has it, or will: neither one that failed for good nor one that was withdrawn reaches anybody. */
const isCovered = (escalation: Escalation): boolean =>
  escalation.sends.some((one) => isOfRound(escalation, one) && one.status !== 'withdrawn' && one.status !== 'failed');

const put = (escalation: Escalation, send: Send): Escalation => ({
  ...escalation,
  sends: escalation.sends.map((one) => (one.key === send.key ? send : one)),
});

/** One that was withdrawn waits again where it is its recipient's turn after all: it has never left. */
function replaced(escalation: Escalation, fresh: readonly Send[]): Escalation {
  const sends = escalation.sends.map(
    (one) => (one.status === 'withdrawn' && fresh.find((again) => again.key === one.key)) || one,
  );
  return withSends({ ...escalation, sends }, fresh);
}
