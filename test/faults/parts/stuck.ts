import type { Escalation } from '../../../src/contracts/api.js';
import type { Finding } from './finding.js';
import { isFrozen } from './frozen.js';
import type { WorkflowSeen } from './histories.js';
import type { Ladder } from './ladder.js';
import type { Observed } from './observe.js';

/** A task that failed so often does not pass by itself. */
const STUCK_AFTER_TRIES = 5;
const OVERDUE_MS = 60_000;

/** I6: every open workflow waits for something, and what it waits for can still come. */
export function noneStuck(observed: Observed, ladder: Ladder): Finding {
  const open = observed.workflows.filter(({ status }) => status === 'RUNNING');
  const violations = open.flatMap((workflow) => {
    const why = stuckBecause(workflow, observed, ladder);
    return why === null ? [] : [`${workflow.workflowId} ${why}`];
  });
  return { id: 'I6', what: 'open workflows that are stuck', n: open.length, violations };
}

function stuckBecause(
  { workflowId, type, pending }: WorkflowSeen,
  { at, onboardings }: Observed,
  ladder: Ladder,
): string | null {
  if (pending.taskTries >= STUCK_AFTER_TRIES) return `is at try ${pending.taskTries} of one workflow task`;
  const overdue = pending.timers.filter((due) => due < at - OVERDUE_MS);
  if (overdue.length > 0) return `has a timer that was due ${new Date(overdue[0] ?? 0).toISOString()}`;
  if (pending.timers.length > 0 || pending.activities > 0 || pending.taskTries > 0) return null;
  // A customer acts on messages alone.
  if (type === 'customer') return null;
  const view = onboardings.get(workflowId);
  if (!view) return 'has no timer, no activity, no task, and is in no list';
  if (view.next_wake_at !== null) return `wants to wake at ${view.next_wake_at} and has no timer`;
  const chased = view.escalations.filter(({ status }) => status !== 'resolved');
  const halfway = chased.find((one) => !isFrozen(one.rule, view.hold) && !isPersonsTurn(one, ladder));
  if (halfway) return `has no timer, and ${halfway.id} (${halfway.status}) is at level ${halfway.level} of its ladder`;
  return chased.length > 0 || view.hold !== null ? null : 'has no timer, no activity, no task and no reason';
}

/** Its ladder was climbed to the end, the last level repeated as often as it may be. Rounds count from 0. */
function isPersonsTurn({ status, level, sends }: Escalation, { levels, repeats }: Ladder): boolean {
  const last = sends.filter((send) => send.kind === 'notified' && send.level === levels);
  return status === 'open' && level === levels && last.some(({ key }) => roundOf(key) >= repeats);
}

/** The key of a send: escalation, kind, level, round, channel, recipient. */
const roundOf = (key: string): number => Number(key.split('/')[3]);
