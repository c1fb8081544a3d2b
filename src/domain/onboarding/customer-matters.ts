import { decidesAs } from '../core.js';
import { meaningOf } from '../policy/states.js';
import { MINUTE_MS } from '../time/duration.js';
import type { Turn } from '../turn.js';
import type { Situation } from './situation.js';
import type { OnboardingState } from './state.js';

/** What the customer's workflow has to hear: links, revivals and denials. Returns the fields that record the telling. */
export function customerMatters(turn: Turn): Partial<Pick<OnboardingState, 'linkedTo' | 'revivedAt'>> {
  const { s } = turn;
  const { state, history } = s;
  const customerId = history.customerId;
  const told: { linkedTo?: string | null; revivedAt?: number } = {};
  if (customerId && state.linkedTo !== customerId && !isOver(s)) {
    if (state.linkedTo) turn.effects.push({ do: 'unlink_customer', customerId: state.linkedTo, carried: [] });
    turn.effects.push({ do: 'link_customer', customerId, createdAt: history.createdAt ?? history.firstSeenAt });
    told.linkedTo = customerId;
  }
  if (!customerId && state.linkedTo && decidesAs(state, 2)) {
    turn.effects.push({ do: 'unlink_customer', customerId: state.linkedTo, carried: [] });
    told.linkedTo = null;
  }
  const revival = revivalAt(s);
  if (customerId && revival !== null && revival !== state.revivedAt) {
    turn.effects.push({ do: 'revive_customer', customerId, at: revival });
    told.revivedAt = revival;
  }
  if (customerId) denyFlags(turn, customerId);
  return told;
}

/** Closed, or ended after its grace time: it was unlinked then, and is linked again only when it comes back. */
function isOver(s: Situation): boolean {
  return s.life === 'closed' || (s.life === 'completed' && s.state.endedAt !== null);
}

/**
 * An active state or a phase move more than a minute after the customer was lost: it is not lost after all. The latest
 * one, since a flag may have been set after an earlier one, and the customer's workflow asks each flag when it was set.
 */
function revivalAt(s: Situation): number | null {
  const held = s.state.customerHolds.at(-1);
  if (!held || held.to !== null) return null;
  const after = held.from + MINUTE_MS;
  const active = s.history.states
    .filter((value) => value.from > after && value.moved && meaningOf(s.policy, value.state) === 'active')
    .map((value) => value.from);
  const moved = s.history.phases.filter((stay) => stay.from > after && !stay.atLeast).map((stay) => stay.from);
  const instants = [...active, ...moved];
  if (!instants.length) return null;
  return decidesAs(s.state, 2) ? Math.max(...instants) : Math.min(...instants);
}

/** A person's resolve of a customer's escalation denies the flag until a later event sets it. */
function denyFlags(turn: Turn, customerId: string): void {
  for (const escalation of turn.escalations) {
    const { rule } = escalation;
    if (rule !== 'customer_at_risk' && rule !== 'customer_churned') continue;
    if (escalation.resolved?.how !== 'person' || escalation.denialTold) continue;
    turn.effects.push({ do: 'deny_customer', customerId, rule, at: escalation.resolved.at });
    turn.put({ ...escalation, denialTold: true });
  }
}
