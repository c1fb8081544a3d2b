import type { Policy } from '../domain/policy/policy.js';
import { DAY_MS, type Duration, parseDuration, wallMs } from '../domain/time/duration.js';
import { addDuration } from '../domain/time/working-time.js';
import { Problem } from './problem.js';

/** Longer than this nobody means; it keeps instants within what calendars are compiled for. */
const LONGEST_DAYS = 366;

/**
 * Milliseconds from `now` to the end of `3 working days` or `2 hours`, as a policy writes them. Working time is the
 * workspace calendar's, so it needs a published policy; wall time does not.
 */
export function spanMs(text: string, policy: Policy | undefined, now: number): number {
  const duration = parseDuration(text);
  if (!duration)
    throw wrong(
      `${JSON.stringify(text)} is no length of time; write \`3 working days\`, \`4 working hours\`, \`2 days\` or \`90 minutes\``,
    );
  if (!(duration.amount > 0)) throw wrong('it must be longer than nothing');
  if (duration.amount > LONGEST_DAYS * 24 * 60) throw wrong(`it may be at most ${LONGEST_DAYS} days`);
  const ms = wallMs(duration) ?? workingMs(duration, policy, now);
  if (ms > LONGEST_DAYS * DAY_MS) throw wrong(`it may be at most ${LONGEST_DAYS} days`);
  return ms;
}

function workingMs(duration: Duration, policy: Policy | undefined, now: number): number {
  const calendar = policy?.calendars[policy.workspace.calendar];
  if (!calendar)
    throw wrong('working time needs a published policy with a workspace calendar; give hours or days instead');
  if (duration.amount > (duration.unit === 'working_days' ? LONGEST_DAYS : LONGEST_DAYS * 24)) {
    throw wrong(`it may be at most ${LONGEST_DAYS} days`);
  }
  return addDuration(calendar, now, duration) - now;
}

const wrong = (why: string): Problem =>
  new Problem('InvalidRequest', `\`for\` is not right: ${why}.`, { field: 'for' });
