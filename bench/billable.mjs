/**
 * What Temporal Cloud bills of a history, by kind: one Action each for a start (continue-as-new too), a signal, a timer,
 * an activity and each try of it, an upsert of search attributes, an accepted update, a marker that is no local
 * activity's; and one for all local activities of one workflow task. Queries leave no trace in a history.
 */
export function billableActions(events) {
  const counts = {};
  const add = (kind, by = 1) => {
    counts[kind] = (counts[kind] ?? 0) + by;
  };
  const tasksWithLocal = new Set();
  for (const event of events) {
    if (event.workflowExecutionStartedEventAttributes) add('start');
    if (event.workflowExecutionSignaledEventAttributes) add('signal');
    if (event.timerStartedEventAttributes) add('timer');
    if (event.activityTaskScheduledEventAttributes) add('activity');
    // The first try is the schedule's; later ones show in the count of the started event alone.
    if (event.activityTaskStartedEventAttributes)
      add('activity retry', event.activityTaskStartedEventAttributes.attempt - 1);
    if (event.upsertWorkflowSearchAttributesEventAttributes) add('search attributes');
    if (event.workflowExecutionUpdateAcceptedEventAttributes) add('update');
    const marker = event.markerRecordedEventAttributes;
    if (marker?.markerName === 'core_local_activity') tasksWithLocal.add(String(marker.workflowTaskCompletedEventId));
    else if (marker) add('other marker');
  }
  add('local activities', tasksWithLocal.size);
  return counts;
}

export const total = (counts) => Object.values(counts).reduce((sum, count) => sum + count, 0);
