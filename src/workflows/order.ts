import type { NotifyOrder } from '../contracts/activities.js';
import { workflowId } from '../contracts/ids.js';
import type { Effect } from '../domain/decision.js';
import { type OnboardingView, presentEscalation } from '../domain/onboarding/present.js';
import type { OnboardingState } from '../domain/onboarding/state.js';
import { type Duration, wallMs } from '../domain/time/duration.js';

type SendEffect = Extract<Effect, { do: 'send' }>;

/** All that one call needs, so that it reads nothing but the gate and its own record. */
export function notifyOrder(
  state: OnboardingState,
  { send, escalation, text }: SendEffect,
  view: OnboardingView,
): NotifyOrder {
  const id = workflowId('onboarding', state.key);
  return {
    key: send.key,
    workflowId: id,
    entity: state.key,
    kind: send.kind,
    channel: send.channel,
    recipient: send.recipient,
    level: send.level,
    fallback: send.fallback,
    text,
    severity: escalation.severity,
    escalation: presentEscalation(state, escalation),
    onboarding: view,
    gate: {
      dueAt: send.dueAt,
      sources: state.sources,
      workflowId: id,
      severity: escalation.severity,
      clock: state.clock,
      settleMs: wall(state.policy?.settle),
      catchUpMs: wall(state.policy?.catchUp),
      // News of what already went out must reach whoever read it, whatever the sources do.
      applies: send.kind === 'notified',
    },
  };
}

/** What the bar of the call says in the Temporal UI: `at_risk level 2 to mia through email`. */
export function sendSummary({ send, escalation }: SendEffect): string {
  const what = send.kind === 'notified' ? `level ${send.level}${send.fallback ? ' (fallback)' : ''}` : send.kind;
  // Somebody the policy does not name is known by an address, which is nobody's business in the Temporal UI.
  const whom = send.recipient.id.includes('@') ? 'somebody' : send.recipient.id;
  return `${escalation.rule}: ${what} to ${whom} through ${send.channel}`;
}

/** The policy takes wall durations alone for these two. */
const wall = (duration: Duration | undefined): number => (duration && wallMs(duration)) ?? 0;
