import { Context } from '@temporalio/activity';
import type { DeliveryActivities, DeliveryQueue } from '../contracts/delivery.js';
import type { Observer } from '../contracts/observer.js';
import type { RetrySchedule } from '../domain/delivery/schedule.js';
import { toVirtual } from '../domain/time/clock.js';
import type { Outbound } from '../outbound/post.js';
import { DeliveryTurn, goneAt, TURN_LENGTH, type TurnLength } from './delivery/delivery-turn.js';
import { passingOutages } from './outage.js';

export interface DeliverDueDeps {
  readonly queue: DeliveryQueue;
  readonly outbound: Outbound;
  readonly observer: Observer;
  /** Read anew by each turn. */
  readonly schedule: RetrySchedule;
  /** 0 to 1. */
  readonly random: () => number;
  /** Tests have no time to stay. */
  readonly length?: TurnLength;
}

/** A worker that died is missed after 10 s. */
const HEARTBEAT_MS = 1_000;

/**
 * One turn of one endpoint. Cancelled, or on a worker that stops, it begins nothing new, sees to an end what has left,
 * writes it down and answers as ever: the workflow then knows when to go on. It fails only where the store cannot be
 * reached or the turn is another's, and is made again.
 */
export function createDeliverDue(deps: DeliverDueDeps): DeliveryActivities['deliverDue'] {
  return ({ endpoint, clock }) =>
    passingOutages(async () => {
      const context = Context.current();
      context.heartbeat();
      const number = await deps.queue.takeTurn(endpoint);
      if (number === null) return goneAt(toVirtual(clock, Date.now()));
      const turnDeps = { ...deps, length: deps.length ?? TURN_LENGTH };
      const turn = new DeliveryTurn(turnDeps, number, clock, context.cancellationSignal);
      const beat = () => context.heartbeat({ attempts: turn.attempts, pending: turn.pending });
      const timer = setInterval(beat, HEARTBEAT_MS);
      try {
        return await turn.run();
      } finally {
        clearInterval(timer);
      }
    });
}
