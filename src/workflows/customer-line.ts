import { isCancellation, log, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../contracts/activities.js';
import type { Effect } from '../domain/decision.js';
import type { OnboardingState } from '../domain/onboarding/state.js';

type Tell = Pick<Activities, 'linkCustomer' | 'unlinkCustomer' | 'reviveCustomer' | 'denyCustomer'>;

/** In the workflow task itself: a signal of milliseconds, safe to repeat, without a task of its own to come back in. */
const quick = proxyLocalActivities<Tell>({ startToCloseTimeout: '3 s', retry: { maximumAttempts: 1 } });
/** Where Temporal is slow to answer: the server keeps trying, and the task is not held up. */
const patient = proxyActivities<Tell>({
  startToCloseTimeout: '10 s',
  retry: { initialInterval: '1 s', maximumInterval: '1 min' },
  summary: 'Tell the customer’s workflow',
});

export type CustomerEffect = Extract<Effect, { do: `${string}_customer` }>;

/**
 * What an onboarding tells the customer's workflow, one message after the other: an unlink that overtook its link would
 * leave a closed onboarding as carrier.
 */
export class CustomerLine {
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  get isIdle(): boolean {
    return this.#waiting === 0;
  }

  tell(effect: CustomerEffect, from: Pick<OnboardingState, 'key' | 'clock'>): void {
    this.#waiting++;
    this.#last = this.#last
      .then(() => tellBy(quick, effect, from))
      .catch((error: unknown) => {
        if (isCancellation(error)) throw error;
        return tellBy(patient, effect, from);
      })
      .catch(giveUp)
      .finally(() => {
        this.#waiting--;
      });
  }
}

function tellBy(
  activities: Tell,
  effect: CustomerEffect,
  { key, clock }: Pick<OnboardingState, 'key' | 'clock'>,
): Promise<void> {
  const customer = { ...key, id: effect.customerId };
  switch (effect.do) {
    case 'link_customer':
      return activities.linkCustomer({ customer, clock, message: { id: key.id, createdAt: effect.createdAt } });
    case 'unlink_customer':
      return activities.unlinkCustomer({ customer, clock, message: { id: key.id, carried: effect.carried } });
    case 'revive_customer':
      return activities.reviveCustomer({ customer, clock, message: { id: key.id, at: effect.at } });
    case 'deny_customer':
      return activities.denyCustomer({ customer, clock, message: { rule: effect.rule, at: effect.at } });
  }
}

function giveUp(error: unknown): void {
  if (!isCancellation(error)) log.warn('The customer’s workflow could not be told', { error: String(error) });
}
