import type { NotifyOrder } from '../../src/contracts/activities.js';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import { ESCALATION, messageOf, ONBOARDING, TUESDAY_9AM_BERLIN } from '../channels/message.js';

export function orderOf(more: Partial<NotifyOrder> = {}): NotifyOrder {
  const { at: _, ...message } = messageOf();
  return {
    ...message,
    workflowId: 'onboarding/main/onb_42',
    entity: { workspace: 'main', mode: 'live', id: 'onb_42' },
    channel: 'hook',
    escalation: ESCALATION,
    onboarding: ONBOARDING,
    gate: {
      dueAt: TUESDAY_9AM_BERLIN,
      sources: ['pivotal'],
      workflowId: 'onboarding/main/onb_42',
      severity: 'normal',
      clock: REAL_CLOCK,
      settleMs: 120_000,
      catchUpMs: 1_800_000,
      applies: true,
    },
    ...more,
  };
}
