import { metricMeter } from '@temporalio/workflow';
import { type Clock, toReal } from '../domain/time/clock.js';

interface Counted {
  readonly counts: { readonly applied: number };
}

/** From the instant to the task it brought, ms: the server's timer, the queue and the worker. A replay measures nothing. */
export function measureLateness(ms: number): void {
  metricMeter
    .createHistogram(
      'slipway_timer_lateness',
      'float',
      'seconds',
      'From the instant of a timer to the workflow task it brought',
    )
    .record(Math.max(0, ms) / 1000);
}

/**
 * From the receipt of the oldest of these facts until its workflow knew of it: dispatcher, Temporal and worker. Of facts
 * that were known already nothing is measured, or an event that an operator redelivers would count as months late. To be
 * asked once the state is changed: whatever went wrong here must not take an event with it.
 */
export function measureApplyLag(
  facts: readonly { readonly heardAt: number }[],
  clock: Clock,
  before: Counted,
  after: Counted,
): void {
  if (after.counts.applied === before.counts.applied) return;
  const heardAt = Math.min(...facts.map((fact) => fact.heardAt));
  metricMeter
    .createHistogram('slipway_apply_lag', 'float', 'seconds', 'From the receipt of an event to its workflow')
    .record(Math.max(0, Date.now() - toReal(clock, heardAt)) / 1000);
}
