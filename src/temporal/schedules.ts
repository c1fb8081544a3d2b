import { type Client, ScheduleAlreadyRunning, type ScheduleOptions } from '@temporalio/client';
import { RETENTION_SCHEDULE } from '../contracts/care.js';
import { type Clock, virtualSpan } from '../domain/time/clock.js';
import { DAY_MS, MINUTE_MS } from '../domain/time/duration.js';
import { bounded } from './bounded.js';

/** Real. A start may wait this long for the server to take a schedule on. */
const CALL_DEADLINE_MS = 10_000;

export interface ScheduleDeps {
  readonly client: Client;
  readonly taskQueue: string;
  readonly clock: Clock;
}

/**
 * Makes sure of the schedule of retention as this version wants it. Safe to repeat, and by many servers at once. One
 * that an operator paused stays paused. Throws `GatewayError`.
 */
export async function ensureRetentionSchedule(deps: ScheduleDeps): Promise<'created' | 'updated'> {
  const { client } = deps;
  const options = retentionSchedule(deps);
  return bounded(client, CALL_DEADLINE_MS, async () => {
    try {
      await client.schedule.create(options);
      return 'created';
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      const { scheduleId: _, ...wanted } = options;
      await client.schedule.getHandle(RETENTION_SCHEDULE).update(({ state }) => ({ ...wanted, state }));
      return 'updated';
    }
  });
}

/**
 * Each night between four and half past, UTC: away from the hours in which the sender recalculates and reconciles. On a
 * fast clock once a virtual day, a minute apart at the least. A night that was missed is made up for within a day.
 */
function retentionSchedule({ taskQueue, clock }: ScheduleDeps) {
  const spec =
    clock.speed === 1
      ? { calendars: [{ hour: 4, minute: 0 }], jitter: '30 minutes' }
      : { intervals: [{ every: Math.max(MINUTE_MS, DAY_MS / virtualSpan(clock, 1)) }] };
  return {
    scheduleId: RETENTION_SCHEDULE,
    spec,
    policies: { overlap: 'SKIP', catchupWindow: '1 day' },
    action: {
      type: 'startWorkflow',
      workflowType: 'retention',
      workflowId: RETENTION_SCHEDULE,
      taskQueue,
      args: [],
      staticSummary: 'Delete what was kept long enough',
    },
  } satisfies ScheduleOptions;
}
