import { Context } from '@temporalio/activity';

/** Often enough that a cancellation is there before most calls have left. */
const EVERY_MS = 1_000;

/**
 * Runs work with heartbeats, because they are what brings a cancellation, and gives it the signal of that. An activity
 * that was started without a heartbeat timeout must not send any.
 */
export async function whileHeartbeating<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const context = Context.current();
  if (context.info.heartbeatTimeoutMs === undefined) return work(context.cancellationSignal);
  context.heartbeat();
  const timer = setInterval(() => context.heartbeat(), EVERY_MS);
  try {
    return await work(context.cancellationSignal);
  } finally {
    clearInterval(timer);
  }
}
