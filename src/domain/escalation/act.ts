import { decidesAs } from '../core.js';
import { record } from '../onboarding/record.js';
import { situate, type Situation } from '../onboarding/situation.js';
import type { OnboardingState } from '../onboarding/state.js';
import type { Policy } from '../policy/policy.js';
import { sayInstant } from '../time/say.js';
import { DAY_MS } from '../time/duration.js';
import { addDuration, nextOpening } from '../time/working-time.js';
import { civilDay, startOfCivilDay } from '../time/civil-date.js';
import type { Action, EscalationAction, OnboardingAction, Refusal } from './action.js';
import { resolved, restarted, withdrawWaiting } from './change.js';
import { type Actor, type Escalation, MOST_NOTES } from './escalation.js';
import { calendarOf } from './presence.js';

/** The longest a snooze may last; longer is a resolve in disguise. */
const LONGEST_SNOOZE_MS = 365 * DAY_MS;

/** Why an action cannot be taken now, or null. Read-only: an update's validator calls it. */
export function refuse(state: OnboardingState, action: Action, now: number): Refusal | null {
  if (state.policy === null)
    return {
      code: 'UnknownEscalation',
      message: 'The onboarding has just begun and nothing is open yet; try again in a moment.',
    };
  if (!('escalationId' in action)) return refuseOnboarding(situate(state, state.policy, now), action);
  const escalation = state.escalations.find((one) => one.id === action.escalationId);
  if (!escalation)
    return {
      code: 'UnknownEscalation',
      message: `No escalation ${action.escalationId} is known; list the open ones with GET /api/v1/escalations.`,
    };
  if (escalation.status === 'resolved' && action.verb !== 'note') {
    return {
      code: 'EscalationNotOpen',
      message: `The escalation was resolved${escalation.resolved?.by ? ` by ${escalation.resolved.by.name}` : ''} (${escalation.resolved?.reason ?? 'it ended'}), so there is nothing left to ${action.verb}.`,
    };
  }
  if (action.verb === 'snooze') {
    const until = snoozeEnd(state.policy, action, now);
    if (until <= now)
      return { code: 'SnoozeOutOfRange', message: 'A snooze must end in the future; give a later `until`.' };
    if (until > now + LONGEST_SNOOZE_MS)
      return { code: 'SnoozeOutOfRange', message: 'A snooze lasts a year at most; resolve the escalation instead.' };
  }
  return null;
}

function refuseOnboarding(s: Situation, action: OnboardingAction): Refusal | null {
  if (s.life === 'closed')
    return {
      code: 'OnboardingClosed',
      message: 'The onboarding is closed; a later phase move or active state from the sender reopens it.',
    };
  const held = s.holds.some(
    (hold) => hold.by === 'person' && hold.from <= s.now && (hold.to === null || s.now < hold.to),
  );
  if (action.verb === 'release' && !held)
    return {
      code: 'NotHeld',
      message: 'No hold declared by a person is in force; a hold of the record ends in Pivotal.',
    };
  return null;
}

/** Carries an action out. The caller has asked `refuse`; an action that cannot be taken changes nothing. */
export function act(state: OnboardingState, action: Action, now: number): OnboardingState {
  if (state.policy === null || refuse(state, action, now)) return state;
  const logged = record(state, now, { kind: 'action', action }, describe(state.policy, action, now));
  if (!('escalationId' in action)) return actOnOnboarding(logged, action, now);
  const s = situate(logged, state.policy, now);
  const all = action.verb === 'acknowledge' && action.all;
  const escalations = logged.escalations.map((one) =>
    one.id === action.escalationId || (all && one.status === 'open') ? changed(s, one, action) : one,
  );
  return { ...logged, escalations };
}

function changed(s: Situation, escalation: Escalation, action: EscalationAction): Escalation {
  const { verb, by } = action;
  const remembers = verb !== 'note' && verb !== 'resolve' && decidesAs(s.state, 3);
  const acted = answered(s, escalation, action);
  return remembers ? { ...acted, lastAct: { verb, by: plain(by), at: s.now } } : acted;
}

function answered(s: Situation, escalation: Escalation, action: EscalationAction): Escalation {
  const noted =
    'note' in action && action.note
      ? {
          ...escalation,
          notes: [...escalation.notes, { by: plain(action.by), at: s.now, text: action.note.slice(0, 1000) }].slice(
            decidesAs(s.state, 2) ? -MOST_NOTES : 0,
          ),
        }
      : escalation;
  switch (action.verb) {
    case 'note':
      return noted;
    case 'acknowledge': {
      const { snoozed: _s, ...rest } = noted;
      const expiresAt =
        action.forMs === undefined
          ? addDuration(s.calendar, s.now, s.policy.acknowledge.expiresAfter)
          : s.now + action.forMs;
      return {
        ...rest,
        status: 'acknowledged',
        acknowledged: { by: action.by, at: s.now, expiresAt },
        sends: withdrawWaiting(noted.sends),
      };
    }
    case 'snooze': {
      const { acknowledged: _a, ...rest } = noted;
      return {
        ...rest,
        status: 'snoozed',
        snoozed: { by: action.by, at: s.now, until: snoozeEnd(s.policy, action, s.now) },
        sends: withdrawWaiting(noted.sends),
      };
    }
    case 'resolve':
      return resolved(noted, 'person', s.now, action.note ?? 'resolved by a person', plain(action.by));
    case 'reassign':
      return { ...restarted(s, noted), assigned: action.to };
    case 'escalate':
      return { ...awake(noted), escalateNow: true };
  }
}

/** Escalating now ends an acknowledge or a snooze: somebody wants more people told, not fewer. */
function awake(escalation: Escalation): Escalation {
  const { acknowledged: _a, snoozed: _s, ...rest } = escalation;
  return { ...rest, status: 'open' };
}

function actOnOnboarding(state: OnboardingState, action: OnboardingAction, now: number): OnboardingState {
  switch (action.verb) {
    case 'hold':
      return {
        ...state,
        personHolds: [
          ...ended(state, now),
          {
            state: action.state,
            by: plain(action.by),
            reason: action.reason.slice(0, 300),
            from: now,
            ...(action.until === undefined ? {} : { until: action.until }),
          },
        ],
      };
    case 'release':
      return { ...state, personHolds: ended(state, now) };
    case 'close':
      return { ...state, closed: { by: plain(action.by), at: now, reason: action.reason.slice(0, 300) } };
  }
}

const ended = (state: OnboardingState, now: number) =>
  state.personHolds.map((hold) =>
    hold.endedAt === undefined && (hold.until === undefined || hold.until > now) ? { ...hold, endedAt: now } : hold,
  );

/** When a snooze ends: an instant, a span, or the next opening of the actor's own calendar on a later day. */
export function snoozeEnd(policy: Policy, action: Extract<EscalationAction, { verb: 'snooze' }>, now: number): number {
  if (typeof action.until === 'object') return 'at' in action.until ? action.until.at : now + action.until.forMs;
  const calendar = action.by.person
    ? calendarOf(policy, action.by.person)
    : policy.calendars[policy.workspace.calendar];
  if (!calendar) return now;
  return nextOpening(calendar, startOfCivilDay(calendar, civilDay(calendar, now) + 1));
}

/** A person's details are needed only where the ladder comes back to them. */
const plain = (actor: Actor): Actor => ({ id: actor.id, name: actor.name });

function describe(policy: Policy, action: Action, now: number): string {
  const calendar = policy.calendars[policy.workspace.calendar];
  const say = (at: number) => (calendar ? sayInstant(calendar, at) : new Date(at).toISOString());
  const who = action.by.name;
  switch (action.verb) {
    case 'acknowledge':
      return `${who} acknowledged ${action.escalationId}${action.note ? `: ${action.note}` : ''}.`;
    case 'snooze':
      return `${who} snoozed ${action.escalationId} until ${say(snoozeEnd(policy, action, now))}.`;
    case 'resolve':
      return `${who} resolved ${action.escalationId}${action.note ? `: ${action.note}` : ''}.`;
    case 'reassign':
      return `${who} gave ${action.escalationId} to ${action.to.name}.`;
    case 'escalate':
      return `${who} asked for the next level of ${action.escalationId} now.`;
    case 'note':
      return `${who} noted on ${action.escalationId}: ${action.note}`;
    case 'hold':
      return `${who} declared it ${action.state}${action.until === undefined ? '' : ` until ${say(action.until)}`}: ${action.reason}.`;
    case 'release':
      return `${who} released the hold.`;
    case 'close':
      return `${who} closed it: ${action.reason}.`;
  }
}
