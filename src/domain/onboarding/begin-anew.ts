import { wanted } from '../escalation/conclude.js';
import type { Escalation, Send } from '../escalation/escalation.js';
import { virtualSpan } from '../time/clock.js';
import type { OnboardingState } from './state.js';

/** Real. A call of the run before may still be out this long; by then the record of sends knows what became of it. */
const CALL_ENDS_MS = 20_000;

/** What the run before counted and no log tells. */
export interface CarriedOver {
  /** Never lower than before, so that no escalation gets the id, and with it the idempotency keys, of another one. */
  readonly nextEscalation: number;
  readonly duplicates: number;
}

/**
 * The state as a fresh run begins with it. Nothing of the run before is under way in it: a call that was out is made
 * again, under the same key, when it must have ended, so that the record of sends answers for it; and the customer is
 * told everything once more, which it takes as said before.
 */
export function beginAnew(
  state: OnboardingState,
  { nextEscalation, duplicates }: CarriedOver,
  at: number,
): OnboardingState {
  return {
    ...state,
    linkedTo: null,
    revivedAt: null,
    policyAnnounced: state.policy?.hash ?? null,
    counts: { ...state.counts, duplicates },
    nextEscalation: Math.max(state.nextEscalation, nextEscalation),
    escalations: state.escalations.map((one) => withoutCalls(untold(one), at + virtualSpan(state.clock, CALL_ENDS_MS))),
  };
}

function withoutCalls(escalation: Escalation, from: number): Escalation {
  if (!escalation.sends.some(({ status }) => status === 'calling')) return escalation;
  const sends = escalation.sends.map((send): Send => {
    if (send.status !== 'calling') return send;
    return wanted(escalation, send)
      ? { ...send, status: 'waiting', notBefore: Math.max(send.notBefore, from) }
      : { ...send, status: 'withdrawn' };
  });
  return { ...escalation, sends };
}

function untold({ denialTold: _told, ...escalation }: Escalation): Escalation {
  return escalation;
}
