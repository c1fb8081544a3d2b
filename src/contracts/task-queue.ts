/** The one task queue of workflows and activities. Frozen: a worker on another name would stall every onboarding silently. */
export const TASK_QUEUE = 'slipway';
