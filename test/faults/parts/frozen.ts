import type { Escalation, Onboarding } from '../../../src/contracts/api.js';

const OF_A_STALL: ReadonlySet<string> = new Set(['stuck_in_phase', 'no_activity', 'launched_not_completed']);
const OF_A_CUSTOMER: ReadonlySet<string> = new Set(['customer_at_risk', 'customer_churned']);

/** Whether a hold stops the clocks of a rule, told here once more from the design's table: nothing of it is due then. */
export function isFrozen(rule: Escalation['rule'], hold: Onboarding['hold']): boolean {
  if (hold === null || OF_A_CUSTOMER.has(rule)) return false;
  if (hold === 'customer') return true;
  if (rule === 'waiting_too_long') return false;
  return hold === 'paused' || OF_A_STALL.has(rule);
}
