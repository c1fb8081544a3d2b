import type { Situation } from '../onboarding/situation.js';
import { newSend } from './sends.js';
import type { Escalation, Send } from './escalation.js';

/**
 * What was sent is kept true: a resolve goes to everyone who was told, an acknowledge or snooze to receivers that are
 * programs (a person who was told needs no mail about it). An escalation that ended before its first message left
 * sends none. Updates leave at once, outside working hours and during a hold too.
 */
export function pendingUpdates(s: Situation, escalation: Escalation): readonly Send[] {
  const kind = escalation.status === 'open' ? null : escalation.status;
  if (!kind || escalation.resolved?.how === 'handed_over' || escalation.resolved?.how === 'absorbed') return [];
  const updates: Send[] = [];
  for (const told of escalation.sends) {
    if (told.kind !== 'notified' || told.status !== 'sent') continue;
    if (kind !== 'resolved' && s.policy.channels[told.channel] === 'email') continue;
    const update = newSend(escalation, kind, told.channel, told.recipient, s.now, told.fallback);
    if (![...escalation.sends, ...updates].some((one) => one.key === update.key)) updates.push(update);
  }
  return updates;
}
