import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quiet, testBundle } from '../support/temporal.js';
import { linesOfDivergence, replayed, sampled } from './parts/divergence.js';
import type { WorkflowSeen } from './parts/histories.js';

const RECORDED = join(import.meta.dirname, '../histories/ladder-to-the-end@0.4.0.json');

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-divergence-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const workflow = (workflowId: string, runs = 1): WorkflowSeen => {
  const runIds = Array.from({ length: runs }, (_, run) => `${workflowId}-${run}`);
  return { workflowId, runIds } as unknown as WorkflowSeen;
};

describe('the search for runs that diverged', () => {
  it('finds what the SDK says of one in the log of a worker', async () => {
    const log = join(directory, 'worker-1.log');
    const told = '{"msg":"[TMPRL1100] Nondeterminism error: Activity machine does not handle this event"}';
    writeFileSync(log, `{"msg":"send"}\n${told}\n{"msg":"[TMPRL1104] Workflow task duration exceeded 5 seconds."}\n`);

    expect(await linesOfDivergence([log])).toEqual([told]);
  });

  it('takes what went on as another run first, and draws the others from the seed', () => {
    const short = Array.from({ length: 20 }, (_, n) => workflow(`short-${n}`));
    const all = [...short, workflow('two', 2), workflow('five', 5)];

    const some = sampled(all, 6, 1).map(({ workflowId }) => workflowId);

    expect(some).toHaveLength(6);
    expect(some.slice(0, 2)).toEqual(['five', 'two']);
    expect(sampled(all.toReversed(), 6, 1).map(({ workflowId }) => workflowId)).toEqual(some);
    expect(sampled(all, 6, 2).map(({ workflowId }) => workflowId)).not.toEqual(some);
  });

  it('replays what it took, and names what does not', { timeout: 120_000 }, async () => {
    quiet();
    const text = readFileSync(RECORDED, 'utf8');
    const histories: Readonly<Record<string, string>> = { good: text, bad: text.replaceAll('"notify"', '"notified"') };
    const fetched = (id: string) => ({ fetchHistory: async () => JSON.parse(histories[id] ?? '') as unknown });
    const client = { workflow: { getHandle: fetched } } as unknown as Client;

    const found = await replayed(client, await testBundle(), [workflow('good'), workflow('bad')], {
      count: 9,
      seed: 1,
    });

    expect(found.n).toBe(2);
    expect(found.failed).toEqual([expect.stringMatching(/^bad \(.+\) does not replay: /)]);
  });
});
