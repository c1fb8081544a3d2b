import type { Outcome } from './ledger.js';
import type { Message } from './message.js';

/** What the tests of the harness plant: one event and how it ended. */
export const message = (n: number | string): Message => ({
  id: `msg_${n}`,
  eventId: `evt_${n}`,
  type: 'task.completed',
  subject: { kind: 'onboarding', id: 'onb_1' },
  body: `{"id":"evt_${n}"}`,
});

export const ACKED: Outcome = { kind: 'acked', duplicate: false, quarantined: false };
