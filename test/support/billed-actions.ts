import type { temporal } from '@temporalio/proto';

type History = temporal.api.history.v1.IHistory;

/**
 * What Temporal Cloud bills for one workflow's history ("Actions", docs.temporal.io/cloud/actions): start, signals,
 * updates, timers, activities by try, upserts, signals to others, and one for each task with local activities.
 */
export function billedActions(history: History): Readonly<Record<string, number>> {
  const billed: Record<string, number> = {};
  const add = (what: string) => {
    billed[what] = (billed[what] ?? 0) + 1;
  };
  const localTasks = new Set<string>();
  for (const event of history.events ?? []) {
    if (event.workflowExecutionStartedEventAttributes) add('start');
    if (event.workflowExecutionSignaledEventAttributes) add('signal');
    if (event.workflowExecutionUpdateAcceptedEventAttributes) add('update');
    if (event.timerStartedEventAttributes) add('timer');
    if (event.activityTaskScheduledEventAttributes) add('activity');
    if (event.upsertWorkflowSearchAttributesEventAttributes) add('search attributes');
    if (event.workflowPropertiesModifiedEventAttributes) add('memo');
    if (event.signalExternalWorkflowExecutionInitiatedEventAttributes) add('signal to another');
    const marker = event.markerRecordedEventAttributes;
    if (marker) localTasks.add(String(marker.workflowTaskCompletedEventId));
  }
  return localTasks.size ? { ...billed, 'local activities': localTasks.size } : billed;
}

export const total = (billed: Readonly<Record<string, number>>): number =>
  Object.values(billed).reduce((sum, count) => sum + count, 0);
