import { decidesAs } from '../core.js';
import { completionOf } from './lifecycle.js';
import { clockDue, type Situation } from './situation.js';

/** Until when a completed onboarding listens for a send-back. Virtual epoch ms. */
export function graceEndsAt(s: Situation): number {
  return clockDue(s, completionOf(s.history, s.policy) ?? s.now, s.policy.graceAfterCompleted, 'none') ?? s.now;
}

/** Closed, or completed and its grace time over: what is left is to tell whoever was told, and to end. */
export function hasEnded(s: Situation): boolean {
  if (!decidesAs(s.state, 2)) return false;
  return s.life === 'closed' || (s.life === 'completed' && s.now >= graceEndsAt(s));
}
