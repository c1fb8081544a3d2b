import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { FailureWord } from './activities.js';

/**
 * Why a channel could not deliver, or cannot tell whether it did: a word of the closed list for programs, one sentence
 * for people. The sentence is shown in the API and in the Temporal UI, so it holds no secret, no address of a person
 * and no more of a URL than its origin.
 */
export class ChannelFailure extends Error {
  override readonly name = 'ChannelFailure';
  constructor(
    readonly word: FailureWord,
    message: string,
    /** How long the other side asks to be left alone, real ms. */
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

/** What an activity other than `notify` can run into. Frozen once shipped: histories hold these words. */
export type ActivityFailureType = 'StoreUnavailable' | 'TemporalUnavailable' | 'NoPolicy';

/**
 * The one place where an activity's failure is made. All of these pass by themselves, so the server tries again, and
 * they are benign: an outage is counted where it happens and not once more for every onboarding that waits for it.
 */
export function activityFailure(type: ActivityFailureType, message: string, cause?: unknown): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message,
    category: ApplicationFailureCategory.BENIGN,
    ...(cause instanceof Error ? { cause } : {}),
  });
}
