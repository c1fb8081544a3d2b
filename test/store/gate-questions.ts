import type { GateQuestion } from '../../src/contracts/activities.js';
import { workflowId } from '../../src/contracts/ids.js';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import { MINUTE_MS } from '../../src/domain/time/duration.js';
import { MONDAY_9AM } from './arrivals.js';
import { key } from './onboarding-views.js';

/** A send about `onb_1` that fell due on Monday at nine. */
export function gateQuestion(change: Partial<GateQuestion> = {}): GateQuestion {
  return {
    dueAt: MONDAY_9AM,
    sources: ['pivotal'],
    workflowId: workflowId('onboarding', key('onb_1')),
    severity: 'normal',
    clock: REAL_CLOCK,
    settleMs: 2 * MINUTE_MS,
    catchUpMs: 30 * MINUTE_MS,
    applies: true,
    ...change,
  };
}
