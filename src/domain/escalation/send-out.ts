import { decidesAs } from '../core.js';
import { isFrozen } from '../onboarding/situation.js';
import { findPerson } from '../policy/person.js';
import type { Rule } from '../rules/rule.js';
import { sayInstant } from '../time/say.js';
import { lastResume } from '../time/stops.js';
import type { Duration } from '../time/duration.js';
import { addDuration, nextOpening } from '../time/working-time.js';
import type { Turn } from '../turn.js';
import type { Escalation, Send } from './escalation.js';
import { absorberOf } from './absorb.js';
import { changedAt } from './change.js';
import { wanted } from './conclude.js';
import { calendarOf } from './presence.js';
import { messageText } from './text.js';

const ONE_WORKING_HOUR: Duration = { amount: 1, unit: 'working_hours' };

/** Hands out what may leave now and sets the wake for what may not yet. A chase waits while its rule is frozen. */
export function sendWhatIsDue(turn: Turn, rule: Rule, escalation: Escalation): Escalation {
  const frozen = isFrozen(turn.s, rule.stops);
  let current = escalation;
  for (const send of escalation.sends) {
    if (send.status !== 'waiting' || (send.kind === 'notified' && frozen)) continue;
    const from = leavesAt(turn, rule, current, send);
    if (from > turn.s.now) {
      turn.wakeAt(
        from,
        `${rule.name}/send`,
        () =>
          `Level ${send.level} goes to ${send.recipient.id.includes('@') ? send.channel : send.recipient.name} ${sayInstant(turn.s.calendar, from)}`,
      );
      continue;
    }
    const calling: Send = { ...send, status: 'calling' };
    current = {
      ...current,
      ...(decidesAs(turn.s.state, 3) ? { sinceRound: current.sinceRound ?? 0 } : {}),
      sends: current.sends.map((one) => (one.key === send.key ? calling : one)),
    };
    turn.log('sending', current, `Level ${send.level} to ${send.recipient.name} by ${send.channel}.`, send.key);
    const text = messageText(turn.s, current, calling, absorberOf(turn.escalations, current));
    turn.effects.push({ do: 'send', escalation: current, send: calling, text });
  }
  return current;
}

/**
 * A chase leaves in its recipient's hours, and at least one working hour after the last resume, also where it opened
 * only after that: whoever just took the work up again is not chased within minutes. Working hours are asked again on
 * every try: a retry at night waits for the morning.
 */
export function leavesAt({ s }: Turn, rule: Rule, escalation: Escalation, send: Send): number {
  if (send.kind !== 'notified') return send.notBefore;
  const resume = lastResume(s.stops[rule.stops], s.now);
  const rested =
    resume === null || (resume < escalation.openedAt - 1 && !decidesAs(s.state, 3))
      ? send.notBefore
      : Math.max(send.notBefore, addDuration(s.calendar, resume, ONE_WORKING_HOUR));
  if (s.policy.rules[escalation.rule]?.anyHour) return rested;
  const person = findPerson(s.policy, send.recipient.id);
  return nextOpening(person ? calendarOf(s.policy, person) : s.calendar, Math.max(rested, s.now));
}

/**
 * A call that is out and no longer wanted is cancelled: a try that has not started is dropped by the server. An update
 * that still waits is overtaken when the status has moved on, and never leaves.
 */
export function stopWhatIsUnwanted(turn: Turn, escalation: Escalation): Escalation {
  const isPast = (send: Send) =>
    send.kind !== escalation.status || (decidesAs(turn.s.state, 3) && send.dueAt < changedAt(escalation));
  const overtaken = (send: Send) => send.kind !== 'notified' && send.status === 'waiting' && isPast(send);
  for (const send of escalation.sends) {
    if (send.kind !== 'notified' || send.status !== 'calling') continue;
    if (!wanted(escalation, send)) turn.effects.push({ do: 'cancel', key: send.key });
  }
  if (!escalation.sends.some(overtaken)) return escalation;
  return {
    ...escalation,
    sends: escalation.sends.map((send) => (overtaken(send) ? { ...send, status: 'withdrawn' } : send)),
  };
}
