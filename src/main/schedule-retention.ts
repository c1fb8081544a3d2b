import { GatewayError } from '../contracts/gateway.js';
import type { Observer } from '../contracts/observer.js';
import { TASK_QUEUE } from '../contracts/task-queue.js';
import type { Clock } from '../domain/time/clock.js';
import { ensureRetentionSchedule } from '../temporal/schedules.js';
import type { TemporalLink } from './temporal-side.js';

/** Makes sure of the schedule of retention. A server that takes none keeps nobody from serving: it is said in the log. */
export async function scheduleRetention({ client }: TemporalLink, clock: Clock, observer: Observer): Promise<void> {
  try {
    await ensureRetentionSchedule({ client, taskQueue: TASK_QUEUE, clock });
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    observer.log(
      'warn',
      'The schedule of retention could not be made, so nothing old is deleted: see that this server takes schedules, then start again or ask POST /api/v1/retention/run.',
      { reason: error.message },
    );
  }
}
