import type { CustomerFact, CustomerFactKind, CustomerFields } from '../../../src/domain/event/fact.js';
import type { Escalation } from '../../../src/domain/escalation/escalation.js';
import { receiveCustomer, startCustomer, tell } from '../../../src/domain/customer/life.js';
import type { CustomerFlagName, CustomerStanding } from '../../../src/domain/customer/standing.js';
import type { CustomerState } from '../../../src/domain/customer/state.js';
import { flagsOf, historyOfCustomer } from '../../../src/domain/customer/flags.js';
import { REAL_CLOCK } from '../../../src/domain/time/clock.js';

export const T = Date.UTC(2026, 10, 2, 9);
export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;

export function told(
  kind: CustomerFactKind,
  at: number,
  record: CustomerFields = {},
  more: Partial<CustomerFact> = {},
): CustomerFact {
  const id = `evt_${kind}_${at}_${JSON.stringify(record)}`;
  return { id, source: 'pivotal', type: `customer.${kind}`, kind, at, heardAt: at, record, previous: {}, ...more };
}

export const drop = (at: number, from: number, to: number): CustomerFact =>
  told('health_dropped', at, { healthScore: to }, { previous: { healthScore: from } });

export function newCustomer(...facts: readonly CustomerFact[]): CustomerState {
  return receiveCustomer(startCustomer({ workspace: 'main', mode: 'live', id: 'cus_1' }, REAL_CLOCK, T), facts, T);
}

export function flags(state: CustomerState): readonly string[] {
  return flagsOf(historyOfCustomer(state), state.denied).map((flag) => `${flag.name} ${(flag.since - T) / DAY}`);
}

/** What each onboarding is told now, and the state after it. */
export function telling(state: CustomerState): {
  state: CustomerState;
  to: Readonly<Record<string, CustomerStanding>>;
} {
  const told = tell(state, T);
  return { state: told.state, to: Object.fromEntries(told.tell.map((one) => [one.onboarding, one.standing])) };
}

export function carrierOf(state: CustomerState, flag: CustomerFlagName): string | undefined {
  return tell(state, T).state.carriers[flag];
}

export function chase(id: string, rule: Escalation['rule'] = 'customer_at_risk'): Escalation {
  return {
    id,
    rule,
    severity: 'high',
    episode: { subject: '', since: T, weight: 0 },
    openedAt: T,
    dueAt: T,
    reason: 'flagged at risk',
    evidence: [],
    status: 'acknowledged',
    ladder: 'urgent',
    level: 2,
    levelAt: T,
    levelDueAt: T,
    levelRound: 1,
    repeats: 0,
    round: 1,
    startedFor: 'mia',
    notes: [],
    sends: [],
  };
}
