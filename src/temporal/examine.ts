import type { Connection } from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import { SEARCH_ATTRIBUTES } from '../contracts/search-attributes.js';
import { TASK_QUEUE } from '../contracts/task-queue.js';
import { grpcStatus, NOT_FOUND } from './failure.js';
import { isNotForUs } from './search-attributes.js';

/** Real. */
const WITHIN_MS = 5_000;
const DAY_S = 86_400;
const EXAMPLES = 5;
/** A worker that waits for work polls every minute; the server remembers one for five. */
const POLLED_WITHIN_MS = 120_000;
/** `TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW` of Temporal's API. */
const WORKFLOW_TASKS = 1;
/** The server sets this after five failed workflow tasks in a row. */
const STUCK = `TemporalReportedProblems IN ('category=WorkflowTaskFailed', 'category=WorkflowTaskTimedOut')`;

/** What can be told of a Temporal server by looking at it. */
export interface TemporalExamination {
  /** Null where there is no such namespace; then nothing else is known. */
  readonly namespaceId: string | null;
  readonly retentionDays: number;
  /** `OnbHealth=Keyword`, as Temporal's own command line wants them. */
  readonly attributes: { readonly missing: readonly string[]; readonly mistyped: readonly string[] };
  /** Null where the server does not report it. */
  readonly stuck: { readonly count: number; readonly examples: readonly string[] } | null;
  /** Workers that asked for workflow tasks within two minutes. */
  readonly workers: number;
}

/**
 * Looks at a namespace and changes nothing. Throws where the server does not answer: after five seconds, or ten where
 * the client sleeps between two tries. It is not given up earlier, because a try that outlives its connection throws
 * where nobody can catch it.
 */
export function examineTemporal(connection: Connection, namespace: string): Promise<TemporalExamination> {
  return connection.withDeadline(Date.now() + WITHIN_MS, async () => {
    const found = await described(connection, namespace);
    if (!found)
      return {
        namespaceId: null,
        retentionDays: 0,
        attributes: { missing: [], mistyped: [] },
        stuck: null,
        workers: 0,
      };
    const attributes = await compared(connection, namespace);
    const stuck = await standing(connection, namespace);
    return { ...found, attributes, stuck, workers: await polling(connection, namespace) };
  });
}

async function described(
  connection: Connection,
  namespace: string,
): Promise<{ namespaceId: string; retentionDays: number } | undefined> {
  try {
    const { namespaceInfo, config } = await connection.workflowService.describeNamespace({ namespace });
    const seconds = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
    return { namespaceId: namespaceInfo?.id ?? '', retentionDays: seconds / DAY_S };
  } catch (error) {
    if (grpcStatus(error) === NOT_FOUND) return undefined;
    throw error;
  }
}

async function compared(connection: Connection, namespace: string): Promise<TemporalExamination['attributes']> {
  const listed = await connection.operatorService.listSearchAttributes({ namespace }).catch((error: unknown) => {
    if (isNotForUs(error)) return null;
    throw error;
  });
  if (!listed) return { missing: [], mistyped: [] };
  const { customAttributes } = listed;
  const missing: string[] = [];
  const mistyped: string[] = [];
  for (const { name, type } of Object.values(SEARCH_ATTRIBUTES)) {
    const known = customAttributes?.[name];
    if (known === undefined) missing.push(`${name}=${spelled(type)}`);
    else if (known !== encodeSearchAttributeIndexedValueType(type)) mistyped.push(name);
  }
  return { missing, mistyped };
}

/** `KEYWORD_LIST` is `KeywordList`. */
const spelled = (type: string): string =>
  type
    .split('_')
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join('');

/** A server before 1.29 does not know the attribute, and refuses the query. */
async function standing(connection: Connection, namespace: string): Promise<TemporalExamination['stuck']> {
  const query = `${STUCK} AND ExecutionStatus = 'Running'`;
  try {
    const { count } = await connection.workflowService.countWorkflowExecutions({ namespace, query });
    if (Number(count) === 0) return { count: 0, examples: [] };
    const { executions } = await connection.workflowService.listWorkflowExecutions({
      namespace,
      query,
      pageSize: EXAMPLES,
    });
    const examples = (executions ?? []).flatMap(({ execution }) => execution?.workflowId ?? []);
    return { count: Number(count), examples };
  } catch {
    return null;
  }
}

async function polling(connection: Connection, namespace: string): Promise<number> {
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: TASK_QUEUE },
    taskQueueType: WORKFLOW_TASKS,
  });
  const since = Date.now() - POLLED_WITHIN_MS;
  const recent = (pollers ?? []).filter((one) => Number(one.lastAccessTime?.seconds ?? 0) * 1000 >= since);
  return new Set(recent.map(({ identity }) => identity)).size;
}
