import type { Finding } from './finding.js';
import type { WorkflowSeen } from './histories.js';
import type { Observed } from './observe.js';

/** A task that failed so often does not pass by itself. */
const STUCK_AFTER_TRIES = 5;
const OVERDUE_MS = 60_000;

/** I6: every open workflow waits for something, and what it waits for can still come. */
export function noneStuck(observed: Observed): Finding {
  const open = observed.workflows.filter(({ status }) => status === 'RUNNING');
  const violations = open.flatMap((workflow) => {
    const why = stuckBecause(workflow, observed);
    return why === null ? [] : [`${workflow.workflowId} ${why}`];
  });
  return { id: 'I6', what: 'open workflows that are stuck', n: open.length, violations };
}

function stuckBecause({ workflowId, type, pending }: WorkflowSeen, { at, onboardings }: Observed): string | null {
  if (pending.taskTries >= STUCK_AFTER_TRIES) return `is at try ${pending.taskTries} of one workflow task`;
  const overdue = pending.timers.filter((due) => due < at - OVERDUE_MS);
  if (overdue.length > 0) return `has a timer that was due ${new Date(overdue[0] ?? 0).toISOString()}`;
  if (pending.timers.length > 0 || pending.activities > 0 || pending.taskTries > 0) return null;
  // A customer acts on messages alone.
  if (type === 'customer') return null;
  const view = onboardings.get(workflowId);
  if (!view) return 'has no timer, no activity, no task, and is in no list';
  if (view.next_wake_at !== null) return `wants to wake at ${view.next_wake_at} and has no timer`;
  // A ladder that was climbed to its end: now it is a person's turn.
  if (view.escalations.some(({ status }) => status !== 'resolved')) return null;
  return view.hold === null ? 'has no timer, no activity, no task and no reason' : null;
}
