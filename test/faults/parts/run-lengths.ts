import type { Client } from '@temporalio/client';

/** Events of history of each run of one workflow, the last run first, each run followed back to the one it continues. */
export async function runLengths(client: Client, workflowId: string): Promise<readonly number[]> {
  const lengths: number[] = [];
  let runId: string | null | undefined = (await client.workflow.getHandle(workflowId).describe()).runId;
  while (runId) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    lengths.push(events?.length ?? 0);
    runId = events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
  }
  return lengths;
}
