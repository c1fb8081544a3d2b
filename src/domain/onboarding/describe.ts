import type { Fact } from '../event/fact.js';

/** What a batch of events said, one clause an event, for the timeline. */
export function describeFacts(facts: readonly Fact[]): string {
  const shown = facts.slice(0, 4).map(describeFact).join('; ');
  return facts.length > 4 ? `${shown}; and ${facts.length - 4} more events.` : `${shown}.`;
}

export function describeFact(fact: Fact): string {
  switch (fact.kind) {
    case 'created':
      return `Onboarding created${fact.record.phase ? ` in ${fact.record.phase}` : ''}`;
    case 'moved':
      return `Moved${fact.previous.phase ? ` from ${fact.previous.phase}` : ''} to ${fact.record.phase ?? 'an unnamed phase'}`;
    case 'state':
      return `State is ${fact.record.state ?? 'not said'}`;
    case 'at_risk':
      return 'Flagged at risk';
    case 'back_on_track':
      return 'Back on track';
    case 'launched':
      return 'Launched';
    case 'completed':
      return 'Completed';
    case 'task':
      return fact.task?.title ? `Task done: ${fact.task.title}` : 'Task done';
    case 'record':
      return `Record seen (${fact.type})`;
  }
}
