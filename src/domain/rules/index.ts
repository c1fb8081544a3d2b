import { atRisk } from './at-risk.js';
import { customerAtRisk } from './customer-at-risk.js';
import { customerChurned } from './customer-churned.js';
import { launchedNotCompleted } from './launched-not-completed.js';
import { noActivity } from './no-activity.js';
import type { Rule } from './rule.js';
import { stuckInPhase } from './stuck-in-phase.js';
import { targetMoved } from './target-moved.js';
import { targetNear } from './target-near.js';
import { targetPassed } from './target-passed.js';
import { waitingTooLong } from './waiting-too-long.js';

/** All rules. `stuck_in_phase` stands before `no_activity`, which it absorbs. */
export const RULES: readonly Rule[] = [
  stuckInPhase,
  noActivity,
  atRisk,
  targetNear,
  targetPassed,
  targetMoved,
  waitingTooLong,
  launchedNotCompleted,
  customerAtRisk,
  customerChurned,
];
