import { activityFailure } from '../contracts/failures.js';
import { GatewayError } from '../contracts/gateway.js';
import { StoreUnavailable } from '../contracts/inbox.js';

/** Turns an outage of store or Temporal server into the failure that the server retries; all else stays what it is. */
export async function passingOutages<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StoreUnavailable) {
      throw activityFailure(
        'StoreUnavailable',
        'The store cannot be reached; this is tried again until it can.',
        error,
      );
    }
    if (error instanceof GatewayError) {
      const message = 'The Temporal server did not answer in time; this is tried again until it does.';
      throw activityFailure('TemporalUnavailable', message, error);
    }
    throw error;
  }
}
