import type { Reason } from '../decision.js';
import { sayInstant } from '../time/say.js';
import { graceEndsAt, hasEnded } from './grace.js';
import type { Hold, Situation } from './situation.js';

/** What `why` tells beside the rules: every hold in force, by whom, since when and until when; and where it has ended. */
export function sayStanding(s: Situation): readonly Reason[] {
  const lines = hasEnded(s)
    ? []
    : [...s.holds.filter((hold) => isInForce(hold, s.now)).map((hold) => sayHold(s, hold)), ...sayLost(s)];
  return [
    ...lines.map((text): Reason => ({ about: 'hold', fires: true, text, dueAt: null })),
    ...sayEnd(s).map((text): Reason => ({ about: 'life', fires: true, text, dueAt: null })),
  ];
}

const isInForce = ({ from, to }: Hold, now: number): boolean => from <= now && (to === null || now < to);

function sayHold(s: Situation, hold: Hold): string {
  const since = `${hold.state.replace(/^./, (first) => first.toUpperCase())} since ${sayInstant(s.calendar, hold.from)}`;
  if (hold.by === 'record') return `${since}, as its record says, until the record says something else.`;
  const own = s.state.personHolds.find((one) => one.from === hold.from && one.state === hold.state);
  const until = hold.to === null ? 'until' : `until ${sayInstant(s.calendar, hold.to)}, or`;
  return `${since} by ${own?.by.name ?? 'a person'} (${hold.reason}), ${until} somebody releases it or its record moves on.`;
}

/** The customer holds all of its onboardings once it is lost. */
function sayLost({ state, calendar }: Situation): readonly string[] {
  const open = state.customerHolds.at(-1);
  if (!open || open.to !== null) return [];
  const lost = state.customer?.flags.filter(({ name }) => name === 'churned' || name === 'archived') ?? [];
  const because = lost.map(({ reason }) => reason).join('; ') || 'the customer was lost';
  return [
    `Held since ${sayInstant(calendar, open.from)} by its customer (${because}), until that is over or its record becomes active or moves on.`,
  ];
}

function sayEnd(s: Situation): readonly string[] {
  const { life, state, calendar } = s;
  if (life === 'completed') {
    const until = sayInstant(calendar, graceEndsAt(s));
    return [
      hasEnded(s)
        ? `Completed, and closed: nothing sent it back until ${until}.`
        : `Completed; closes ${until} unless it is sent back.`,
    ];
  }
  if (life !== 'closed') return [];
  const { closed } = state;
  if (!closed) return ['Closed, as its record says.'];
  return [`Closed ${sayInstant(calendar, closed.at)}${closed.by ? ` by ${closed.by.name}` : ''} (${closed.reason}).`];
}
