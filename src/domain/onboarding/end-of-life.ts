import { resolved } from '../escalation/change.js';
import type { Escalation } from '../escalation/escalation.js';
import { runEscalation } from '../escalation/run.js';
import { sayInstant } from '../time/say.js';
import type { Turn } from '../turn.js';
import { graceEndsAt } from './grace.js';

/**
 * Completed is not the end at once: the workflow listens for a grace time in case of a send-back. True when it is over
 * and nothing is on its way any more; escalations of the customer go to the next carrier then.
 */
export function endOfLife(turn: Turn): boolean {
  const { s } = turn;
  if (s.life !== 'completed' && s.life !== 'closed') return false;
  if (s.life === 'completed') {
    const until = graceEndsAt(s);
    turn.wakeAt(until, 'grace', () => `Closes ${sayInstant(s.calendar, until)} unless it is sent back`);
    if (s.now < until) return false;
  }
  const heirs = s.state.customer?.others.length ?? 0;
  if (!heirs) resolveRest(turn);
  if (turn.escalations.some(isBusy)) return false;
  const carried = turn.escalations.filter((one) => one.status !== 'resolved');
  for (const escalation of carried)
    turn.put(resolved(escalation, 'handed_over', s.now, 'handed over to the next onboarding of the customer', null));
  if (s.state.linkedTo) turn.effects.push({ do: 'unlink_customer', customerId: s.state.linkedTo, carried });
  if (s.state.endedAt === null)
    turn.log('ended', null, s.life === 'closed' ? 'Closed.' : 'Closed after its grace time.');
  return true;
}

/** With nobody to hand them to, the customer's escalations end here, and whoever was told is told that too. */
function resolveRest(turn: Turn): void {
  for (const escalation of turn.escalations.filter((one) => one.status !== 'resolved')) {
    const ended = resolved(escalation, 'closed', turn.s.now, 'the onboarding was closed', null);
    turn.log('resolved', ended, 'Resolved: the onboarding was closed.');
    turn.put(ended);
    runEscalation(turn, ended);
  }
}

const isBusy = (escalation: Escalation): boolean =>
  escalation.sends.some((send) => send.status === 'calling' || (send.status === 'waiting' && send.kind !== 'notified'));
