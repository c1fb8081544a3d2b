import type { Situation } from '../onboarding/situation.js';
import { sayInstant } from '../time/say.js';
import type { Escalation, LastAct, Send } from './escalation.js';

/**
 * What the recipient reads: what is wrong and since when, why it comes to them, who was told before, and what stops it.
 * The end of one that was absorbed is that of its absorber.
 */
export function messageText(s: Situation, escalation: Escalation, send: Send, absorber?: Escalation): string {
  const title = s.history.name ?? s.state.key.id;
  if (send.kind !== 'notified') return updateText(escalation, title, absorber?.resolved ?? escalation.resolved);
  const parts = [`${title}: ${escalation.reason}.`];
  if (send.recipient.insteadOf) parts.push(`You stand in for ${send.recipient.insteadOf}.`);
  if (send.fallback) parts.push(`Nobody on level ${send.level} can be reached, so it comes to you.`);
  const told = toldBefore(s, escalation, send);
  if (told) parts.push(told);
  parts.push(`Level ${send.level}. Acknowledge, snooze or resolve ${escalation.id} to stop this.`);
  return parts.join(' ');
}

function updateText(escalation: Escalation, title: string, end: Escalation['resolved']): string {
  const by = end?.by ?? escalation.acknowledged?.by ?? escalation.snoozed?.by;
  const who = by ? ` by ${by.name}` : '';
  const why = end ? `: ${end.reason}` : '';
  return `${title}: ${escalation.reason}. ${escalation.status}${who}${why}.`;
}

function toldBefore(s: Situation, escalation: Escalation, send: Send): string | null {
  const earlier = escalation.sends
    .filter((one) => one.kind === 'notified' && one.sentAt !== undefined && one.level < send.level)
    .at(-1);
  if (!earlier?.sentAt) return null;
  const told = `${earlier.recipient.name} was told ${sayInstant(s.calendar, earlier.sentAt)}`;
  const { lastAct } = escalation;
  if (!lastAct || lastAct.at <= earlier.sentAt) return `${told} and nobody has acted since.`;
  return `${told}. ${sayAct(lastAct, sayInstant(s.calendar, lastAct.at))}.`;
}

/** Whoever asks for the next level has acted, and this is what came of it; after the others nothing did. */
function sayAct({ verb, by }: LastAct, when: string): string {
  switch (verb) {
    case 'escalate':
      return `${by.name} asked for the next level ${when}`;
    case 'acknowledge':
      return `${by.name} acknowledged it ${when} and nobody has acted since`;
    case 'snooze':
      return `${by.name} snoozed it ${when} and nobody has acted since`;
    case 'reassign':
      return `${by.name} reassigned it ${when} and nobody has acted since`;
  }
}
