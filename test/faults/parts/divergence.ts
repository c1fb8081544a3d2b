import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { Dice } from '../../../src/simulator/dice.js';
import type { WorkflowSeen } from './histories.js';

/** Where the program of today and a history part, beside what Temporal itself noticed. */
export interface Divergence {
  /** Lines of the workers' logs that tell of one. */
  readonly logged: readonly string[];
  /** Of runs that were replayed; null where none were. */
  readonly replayed: { readonly n: number; readonly failed: readonly string[] } | null;
}

const TELLS = /TMPRL1100|non-?determinis|DeterminismViolation/i;
const LONGEST_LINE = 300;

export async function linesOfDivergence(files: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const file of files) {
    for await (const line of createInterface({ input: createReadStream(file) }))
      if (TELLS.test(line)) found.push(line.slice(0, LONGEST_LINE));
  }
  return found;
}

/** Of one workflow, its last ones. */
const MOST_RUNS = 3;

/**
 * Replays so many workflows on the bundle: half of them those with the most runs, which went on as the next, the others
 * drawn from the seed. Some 4 ms a run and 0.2 ms an event of it.
 */
export async function replayed(
  client: Client,
  codePath: string,
  workflows: readonly WorkflowSeen[],
  { count, seed }: { readonly count: number; readonly seed: number },
): Promise<NonNullable<Divergence['replayed']>> {
  const failed: string[] = [];
  let n = 0;
  const histories = historiesOf(client, sampled(workflows, count, seed));
  for await (const { workflowId, runId, error } of Worker.runReplayHistories(
    { workflowBundle: { codePath } },
    histories,
  )) {
    n++;
    if (error) failed.push(`${workflowId} (${runId}) does not replay: ${String(error).slice(0, LONGEST_LINE)}`);
  }
  return { n, failed };
}

export function sampled(workflows: readonly WorkflowSeen[], count: number, seed: number): readonly WorkflowSeen[] {
  const ordered = workflows.toSorted((a, b) => a.workflowId.localeCompare(b.workflowId));
  const longest = ordered.filter(({ runIds }) => runIds.length > 1).sort((a, b) => b.runIds.length - a.runIds.length);
  const first = longest.slice(0, Math.ceil(count / 2));
  const others = new Dice(seed, 'replay').shuffled(ordered.filter((one) => !first.includes(one)));
  return [...first, ...others.slice(0, count - first.length)];
}

async function* historiesOf(client: Client, workflows: readonly WorkflowSeen[]) {
  for (const { workflowId, runIds } of workflows)
    for (const runId of runIds.slice(-MOST_RUNS))
      yield { workflowId, history: await client.workflow.getHandle(workflowId, runId).fetchHistory() };
}
