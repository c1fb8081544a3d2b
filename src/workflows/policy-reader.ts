import { isCancellation, log, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { Activities, PolicyQuestion } from '../contracts/activities.js';
import type { Policy } from '../domain/policy/policy.js';

type ReadPolicy = Pick<Activities, 'readPolicy'>;

/** In the workflow task itself: the answer is there before anything is decided, and costs one event of history. */
const quick = proxyLocalActivities<ReadPolicy>({ startToCloseTimeout: '3 s', retry: { maximumAttempts: 1 } });
/** Where the store does not answer: the server keeps trying, and the task is not held up. */
const patient = proxyActivities<ReadPolicy>({
  startToCloseTimeout: '10 s',
  retry: { initialInterval: '1 s', maximumInterval: '30 s' },
  summary: 'Read the policy',
});

/** The current policy cut to these names. Waits until the store answers: without a policy nothing can be decided. */
export async function readPolicy(question: PolicyQuestion): Promise<Policy | 'unchanged'> {
  try {
    return await quick.readPolicy.executeWithOptions({ summary: 'Read the policy' }, [question]);
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('The policy could not be read at once; the server keeps trying', { error: String(error) });
    return await patient.readPolicy(question);
  }
}
