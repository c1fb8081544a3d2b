import { decidesAs } from '../core.js';
import type { Situation } from '../onboarding/situation.js';
import type { Policy } from '../policy/policy.js';
import type { Turn } from '../turn.js';
import { absorberOf } from './absorb.js';
import { changedAt } from './change.js';
import type { Escalation, Send, SendKind } from './escalation.js';
import { newSend, sendKey } from './sends.js';

/**
 * What was sent is kept true: a resolve goes to everyone who was told, an acknowledge or snooze to receivers that are
 * programs (a person who was told needs no mail about it). An escalation that ended before its first message left
 * sends none. Updates leave at once, outside working hours and during a hold too. One that was absorbed has ended for
 * whoever was told of it when the one that absorbed it has.
 */
export function pendingUpdates({ s, escalations }: Turn, escalation: Escalation): readonly Send[] {
  const kind = escalation.status === 'open' ? null : escalation.status;
  if (!kind || escalation.resolved?.how === 'handed_over') return [];
  const absorber = absorberOf(escalations, escalation);
  if (escalation.resolved?.how === 'absorbed' && absorber?.status !== 'resolved') return [];
  const updates: Send[] = [];
  for (const told of escalation.sends) {
    if (told.kind !== 'notified' || told.status !== 'sent') continue;
    if (kind !== 'resolved' && isMail(s.policy, told)) continue;
    if (absorber && isMail(s.policy, told) && isToldBy(absorber, told)) continue;
    const update = updateFor(s, escalation, kind, told);
    if (![...escalation.sends, ...updates].some((one) => one.key === update.key)) updates.push(update);
  }
  return updates;
}

/**
 * One update a change: a second acknowledge within a round is another one, and has the instant of it in its key. The first
 * keeps the plain key, by which former cores told it. Where its send is no older than the change, it is of this one.
 */
function updateFor(s: Situation, escalation: Escalation, kind: SendKind, told: Send): Send {
  const plain = newSend(escalation, kind, told.channel, told.recipient, s.now, told.fallback);
  const at = changedAt(escalation);
  const before = escalation.sends.find((one) => one.key === plain.key);
  if (!before || before.dueAt >= at || !decidesAs(s.state, 3)) return plain;
  const round = `${escalation.round}.${at}`;
  return { ...plain, key: sendKey(escalation, kind, plain.level, round, plain.channel, plain.recipient.id) };
}

const isMail = (policy: Policy, { channel }: Send): boolean => policy.channels[channel] === 'email';

/** A person hears of one end; a program keeps the two apart, and needs one for each that it was told of. */
const isToldBy = (absorber: Escalation, { channel, recipient }: Send): boolean =>
  absorber.sends.some(
    (one) =>
      one.kind === 'notified' &&
      one.channel === channel &&
      one.recipient.id === recipient.id &&
      (one.status === 'sent' || one.status === 'calling'),
  );
