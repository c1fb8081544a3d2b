import { resolved } from '../escalation/change.js';
import { sayInstant } from '../time/say.js';
import type { Turn } from '../turn.js';
import { completionOf } from './lifecycle.js';
import { clockDue } from './situation.js';

/**
 * Completed is not the end at once: the workflow listens for a grace time in case of a send-back. True when it is over
 * and nothing is on its way any more; escalations of the customer go to the next carrier then.
 */
export function endOfLife(turn: Turn): boolean {
  const { s } = turn;
  if (s.life !== 'completed' && s.life !== 'closed') return false;
  if (s.life === 'completed') {
    const until =
      clockDue(s, completionOf(s.history, s.policy) ?? s.now, s.policy.graceAfterCompleted, 'none') ?? s.now;
    turn.wakeAt(until, 'grace', `Closes ${sayInstant(s.calendar, until)} unless it is sent back`);
    if (s.now < until) return false;
  }
  const busy = turn.escalations.some((one) =>
    one.sends.some((send) => send.status === 'calling' || (send.status === 'waiting' && send.kind !== 'notified')),
  );
  if (busy) return false;
  const carried = turn.escalations.filter((one) => one.status !== 'resolved');
  for (const escalation of carried)
    turn.put(resolved(escalation, 'handed_over', s.now, 'handed over to the next onboarding of the customer', null));
  if (s.state.linkedTo) turn.effects.push({ do: 'unlink_customer', customerId: s.state.linkedTo, carried });
  turn.log('ended', null, s.life === 'closed' ? 'Closed.' : 'Closed after its grace time.');
  return true;
}
