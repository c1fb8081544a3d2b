import type { Client } from '@temporalio/client';
import { GatewayError } from '../contracts/gateway.js';
import { asGatewayFailure } from './failure.js';

/**
 * One call, given up after `ms` (real); what it throws is what the other rooms are told. The client may sleep past its
 * deadline between two tries of its own (6 s became 9.8 s), so time is kept here too.
 */
export async function bounded<T>(client: Client, ms: number, call: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new GatewayError(`Temporal did not answer within ${ms / 1_000} s.`)), ms);
  });
  try {
    return await Promise.race([client.withDeadline(Date.now() + ms, call), late]);
  } catch (error) {
    throw asGatewayFailure(error);
  } finally {
    clearTimeout(timer);
  }
}
