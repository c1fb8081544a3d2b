import type { Connection } from '@temporalio/client';
import { ALREADY_EXISTS, grpcStatus, NOT_FOUND } from './failure.js';

const DAY_S = 86_400;
/** Real. A new namespace is usable once the server's own cache has seen it. */
const READY_WITHIN_MS = 30_000;
const LOOK_AGAIN_MS = 100;

export interface NamespaceReport {
  readonly created: boolean;
  /** How long the server remembers a closed workflow. */
  readonly retentionDays: number;
  /** Why the retention is shorter than asked for; absent where it is not. */
  readonly short?: string;
}

/**
 * Makes sure of a namespace that remembers closed workflows for at least `retentionDays`: an event for an onboarding that
 * the server has forgotten would start an empty one. Never shortens. Throws where it can neither be found nor created.
 */
export async function ensureNamespace(
  connection: Connection,
  namespace: string,
  retentionDays: number,
): Promise<NamespaceReport> {
  const found = await retention(connection, namespace);
  if (found === undefined) {
    await create(connection, namespace, retentionDays);
    await usable(connection, namespace);
    return { created: true, retentionDays };
  }
  if (found >= retentionDays * DAY_S) return { created: false, retentionDays: found / DAY_S };
  try {
    await connection.workflowService.updateNamespace({
      namespace,
      config: { workflowExecutionRetentionTtl: { seconds: retentionDays * DAY_S } as never },
    });
    return { created: false, retentionDays };
  } catch (error) {
    const short = `Namespace ${namespace} keeps closed workflows ${found / DAY_S} days and could not be set to ${retentionDays}: ${(error as Error).message}`;
    return { created: false, retentionDays: found / DAY_S, short };
  }
}

async function retention(connection: Connection, namespace: string): Promise<number | undefined> {
  try {
    const { config } = await connection.workflowService.describeNamespace({ namespace });
    return Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
  } catch (error) {
    if (grpcStatus(error) === NOT_FOUND) return undefined;
    throw error;
  }
}

async function create(connection: Connection, namespace: string, retentionDays: number): Promise<void> {
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      description: 'Customer onboardings',
      workflowExecutionRetentionPeriod: { seconds: retentionDays * DAY_S } as never,
    });
  } catch (error) {
    // Another server of the same install was faster.
    if (grpcStatus(error) !== ALREADY_EXISTS) throw error;
  }
}

async function usable(connection: Connection, namespace: string): Promise<void> {
  const until = Date.now() + READY_WITHIN_MS;
  for (;;) {
    try {
      await connection.workflowService.countWorkflowExecutions({ namespace, query: '' });
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }
}
