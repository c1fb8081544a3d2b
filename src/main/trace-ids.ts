import { createHash } from 'node:crypto';

export interface TraceIds {
  readonly traceId: string;
  readonly rootSpanId: string;
}

/**
 * The trace of one delivery and its first span, from its id alone: the edge, the dispatcher and a worker come to the
 * same ones in their own processes, and a person finds the trace of a `svix-id`.
 */
export function traceIdsOf(correlation: string): TraceIds {
  const digest = createHash('sha256').update(correlation).digest('hex');
  return { traceId: digest.slice(0, 32), rootSpanId: digest.slice(32, 48) };
}
