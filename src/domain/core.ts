import type { OnboardingState } from './onboarding/state.js';

/**
 * The way of deciding that new runs use. A change that can alter a decision raises it, so that a run which began under
 * the one before is replayed, and goes on, as it began; at its next message or instant it continues as new, and its
 * next run decides by this one. What asks for a lower number may go a release after it was raised.
 *
 * 2 (0.4.0): people who are away when a message leaves, owners and actors as the policy has them now, repeats that
 * replace what still waits, ladders that were renamed, a change of customer, later revivals, and the end of life.
 * 3 (0.5.0): launches that were taken back, holds that were renewed, a customer's second flag, the instant of a completion,
 * the sender's order, the state shown of a closed one, and who is told what became of a ladder.
 */
export const CORE = 3;

/** Whether an onboarding's decisions are those of core `n` or a later one. A state of before cores were counted has 1. */
export const decidesAs = (state: Pick<OnboardingState, 'core'>, n: number): boolean => (state.core ?? 1) >= n;
