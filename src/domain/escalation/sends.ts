import type { Situation } from '../onboarding/situation.js';
import type { Level, Person } from '../policy/policy.js';
import { nextOpening } from '../time/working-time.js';
import type { Escalation, Recipient, Send, SendKind } from './escalation.js';
import { presenceOf } from './presence.js';
import { nameRecipients } from './recipients.js';

/** The idempotency key of one message: the same on every try, another one for every message that differs. */
export function sendKey(
  escalation: Escalation,
  kind: SendKind,
  level: number,
  round: number | string,
  channel: string,
  recipient: string,
): string {
  return [escalation.id, kind, level, round, channel, recipient].join('/');
}

/** The sends of the current level and round; the fallback's where nobody on the level can be reached. */
export function levelSends(s: Situation, escalation: Escalation, level: Level): readonly Send[] {
  const named = nameRecipients(s, escalation, level.to);
  const own = [
    ...peopleSends(s, escalation, named.people, level.channels),
    ...channelSends(s, escalation, named.channels, false),
  ];
  return own.length ? own : fallbackSends(s, escalation);
}

/** The sends of the fallback for the current level: it keeps the level number and says what it is. */
export function fallbackSends(s: Situation, escalation: Escalation): readonly Send[] {
  const { to, channels } = s.policy.fallback;
  const named = nameRecipients(s, escalation, to);
  const people = peopleSends(s, escalation, named.people, channels.length ? channels : undefined, true);
  if (people.length || named.channels.length) return [...people, ...channelSends(s, escalation, named.channels, true)];
  return channelSends(s, escalation, channels, true);
}

/** One send a person and channel: to whoever is present, from their next opening on. */
export function peopleSends(
  s: Situation,
  escalation: Escalation,
  people: readonly Person[],
  channels?: readonly string[],
  fallback = false,
): readonly Send[] {
  const anyHour = s.policy.rules[escalation.rule]?.anyHour ?? false;
  const sends: Send[] = [];
  for (const person of people) {
    const presence = presenceOf(s, person, s.now, anyHour);
    if (!presence) continue;
    const dueAt = presenceOf(s, presence.person, Math.min(escalation.levelDueAt, s.now), anyHour)?.from;
    for (const channel of usable(s, channels ?? presence.person.channels)) {
      const recipient = recipientOf(presence.person, presence.insteadOf);
      if (!sends.some((one) => one.channel === channel && one.recipient.id === recipient.id)) {
        sends.push(newSend(escalation, 'notified', channel, recipient, presence.from, fallback, dueAt));
      }
    }
  }
  return sends;
}

function channelSends(
  s: Situation,
  escalation: Escalation,
  channels: readonly string[],
  fallback: boolean,
): readonly Send[] {
  const anyHour = s.policy.rules[escalation.rule]?.anyHour ?? false;
  const from = anyHour ? s.now : nextOpening(s.calendar, s.now);
  const due = Math.min(escalation.levelDueAt, s.now);
  const dueAt = anyHour ? due : nextOpening(s.calendar, due);
  return usable(s, channels).map((channel) =>
    newSend(escalation, 'notified', channel, { id: channel, name: channel }, from, fallback, dueAt),
  );
}

/** Channels that exist; test mode never reaches a person, so there it is the `log` channel alone. */
function usable(s: Situation, channels: readonly string[]): readonly string[] {
  const known = channels.filter((name) => Object.hasOwn(s.policy.channels, name));
  return s.state.key.mode === 'test' && known.length ? ['log'] : [...new Set(known)];
}

/** `dueAt` is when it should have left, at the latest when it may: the gate asks what the sources did then. */
export function newSend(
  escalation: Escalation,
  kind: SendKind,
  channel: string,
  recipient: Recipient,
  from: number,
  fallback: boolean,
  dueAt = from,
): Send {
  const { level, round } = escalation;
  const key = sendKey(escalation, kind, level, round, channel, recipient.id);
  return {
    key,
    kind,
    level,
    round,
    channel,
    recipient,
    fallback,
    dueAt: Math.min(dueAt, from),
    notBefore: from,
    status: 'waiting',
    tries: 0,
  };
}

function recipientOf(person: Person, insteadOf: string | undefined): Recipient {
  const [email] = person.emails;
  return { id: person.id, name: person.name, ...(email ? { email } : {}), ...(insteadOf ? { insteadOf } : {}) };
}
