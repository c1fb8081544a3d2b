import { isFrozen } from '../onboarding/situation.js';
import type { Rule } from '../rules/rule.js';
import { sayInstant } from '../time/say.js';
import { afterStops } from '../time/stops.js';
import { nextOpening } from '../time/working-time.js';
import type { Turn } from '../turn.js';
import type { Escalation, Send } from './escalation.js';
import { presenceOf } from './presence.js';
import { personNamed } from './recipients.js';
import { leavesAt } from './send-out.js';

/** What of an escalation has not left yet, why, and when it will: a sentence each, for `why` alone. An acknowledge withdraws it. */
export function sayUnsent(turn: Turn, rule: Rule, id: string): string {
  const escalation = turn.escalations.find((one) => one.id === id);
  if (!escalation) return '';
  const unsent = escalation.sends.filter(
    ({ kind, status }) => kind === 'notified' && (status === 'waiting' || status === 'calling'),
  );
  return unsent.map((send) => ` ${sayOne(turn, rule, escalation, send)}`).join('');
}

function sayOne(turn: Turn, rule: Rule, escalation: Escalation, send: Send): string {
  const message = `Level ${send.level} to ${send.recipient.name} by ${send.channel}`;
  if (send.status === 'calling') return `${message} is on its way.`;
  return `${message} has not left: ${whyNot(turn, rule, escalation, send)}.`;
}

function whyNot(turn: Turn, rule: Rule, escalation: Escalation, send: Send): string {
  const { s } = turn;
  if (isFrozen(s, rule.stops)) {
    const ends = afterStops(s.stops[rule.stops], s.now);
    return `the onboarding is held${ends === null ? '' : ` until ${sayInstant(s.calendar, ends)}`}`;
  }
  const from = leavesAt(turn, rule, escalation, send);
  const at = sayInstant(s.calendar, from);
  if (send.error) return `try ${send.tries} failed (${send.error.replace(/\.$/, '')}), and it is tried again ${at}`;
  if (from <= opensFor(turn, escalation, send))
    return `its recipient is away or outside working hours, and it leaves ${at}`;
  if (from > send.notBefore)
    return `it rests for a working hour after the hold, or waits for the morning, and leaves ${at}`;
  return `events may still be missing or a burst still settles, and it leaves ${at} at the earliest`;
}

/** When its recipient can read it: a person in their own hours, an address or a channel in those of the workspace. */
function opensFor({ s }: Turn, escalation: Escalation, send: Send): number {
  const anyHour = s.policy.rules[escalation.rule]?.anyHour ?? false;
  const person = personNamed(s.policy, send.recipient.id);
  if (person) return presenceOf(s, person, s.now, anyHour)?.from ?? s.now;
  return anyHour ? s.now : nextOpening(s.calendar, s.now);
}
