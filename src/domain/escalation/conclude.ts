import { record } from '../onboarding/record.js';
import type { OnboardingState } from '../onboarding/state.js';
import { virtualSpan } from '../time/clock.js';
import { HOUR_MS, MINUTE_MS } from '../time/duration.js';
import type { Escalation, Send } from './escalation.js';
import type { SendResult } from './send-result.js';

/** Real waits between the tries of one send; the last one repeats. */
const RETRY_WAITS_MS = [30_000, 2 * MINUTE_MS, 10 * MINUTE_MS, 30 * MINUTE_MS, 80 * MINUTE_MS];
/** Real. */
const STOPPED_WAIT_MS = 1_000;
/** A send counts as failed for good after this many tries and this long (real) since the first (design section 4). */
const TRIES_FOR_GOOD = 4;
const SPAN_FOR_GOOD_MS = 2 * HOUR_MS;

/** Takes in what became of a call. A key that is not known, or not out, changes nothing. */
export function concludeSend(state: OnboardingState, key: string, result: SendResult, now: number): OnboardingState {
  const owner = state.escalations.find((one) =>
    one.sends.some((send) => send.key === key && send.status === 'calling'),
  );
  if (!owner) return state;
  const sends = owner.sends.map((send) => (send.key === key ? concluded(state, owner, send, result, now) : send));
  const escalations = state.escalations.map((one) => (one === owner ? { ...owner, sends } : one));
  return record(
    { ...state, escalations },
    now,
    { kind: 'concluded', send: key, result },
    describe(sends.find((send) => send.key === key) as Send, result),
  );
}

function concluded(state: OnboardingState, escalation: Escalation, send: Send, result: SendResult, now: number): Send {
  switch (result.outcome) {
    case 'sent':
      return {
        ...send,
        status: 'sent',
        sentAt: now,
        tries: send.tries + 1,
        ...(result.providerId ? { providerId: result.providerId } : {}),
      };
    case 'later':
      return wanted(escalation, send)
        ? { ...send, status: 'waiting', notBefore: Math.max(result.until, now + 1) }
        : { ...send, status: 'withdrawn' };
    case 'cancelled':
      // Still wanted although it was stopped: again in a moment, never in a loop within one instant.
      return wanted(escalation, send)
        ? { ...send, status: 'waiting', notBefore: now + virtualSpan(state.clock, STOPPED_WAIT_MS) }
        : { ...send, status: 'withdrawn' };
    case 'failed':
      return failed(state, escalation, send, result, now);
  }
}

function failed(
  state: OnboardingState,
  escalation: Escalation,
  send: Send,
  result: Extract<SendResult, { outcome: 'failed' }>,
  now: number,
): Send {
  const tries = send.tries + 1;
  const firstTryAt = send.firstTryAt ?? now;
  const tried = { ...send, tries, firstTryAt, error: `${result.failure}: ${result.message}`.slice(0, 300) };
  if (!wanted(escalation, send)) return { ...tried, status: 'withdrawn' };
  const forGood = tries >= TRIES_FOR_GOOD && now - firstTryAt >= virtualSpan(state.clock, SPAN_FOR_GOOD_MS);
  if (forGood) return { ...tried, status: 'failed', failedAt: now };
  const wait = Math.max(RETRY_WAITS_MS[Math.min(tries, RETRY_WAITS_MS.length) - 1] as number, result.retryAfterMs ?? 0);
  return { ...tried, status: 'waiting', notBefore: now + virtualSpan(state.clock, wait) };
}

/**
 * Still to be sent: an update of the status there is, a chase while the escalation is open and in the send's own round.
 * A repeat of a higher level begins a round too, and replaces nothing of the levels below.
 */
export function wanted(escalation: Escalation, send: Send): boolean {
  if (send.kind !== 'notified') return send.kind === escalation.status;
  if (escalation.status !== 'open') return false;
  if (send.round === escalation.round) return true;
  const { sinceRound } = escalation;
  return sinceRound !== undefined && send.round >= sinceRound && send.level < escalation.level;
}

function describe(send: Send, result: SendResult): string {
  const whom = `${send.recipient.name} by ${send.channel}`;
  switch (result.outcome) {
    case 'sent':
      return send.kind === 'notified' ? `Told ${whom}, level ${send.level}.` : `Told ${whom} that it is ${send.kind}.`;
    case 'later':
      return `Held back from ${whom}: ${result.reason}.`;
    case 'cancelled':
      return `Stopped before it reached ${whom}.`;
    case 'failed':
      return `Could not reach ${whom}, try ${send.tries}: ${result.message}.`;
  }
}
