import { existsSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { describe, expect, it } from 'vitest';
import { sharedTemporal } from '../support/temporal.js';
import { playLives } from './parts/play-lives.js';

/**
 * Records whole lives: `RECORD_LIVES=<version> npx vitest run test/faults/record-lives.test.ts`. Like the histories of
 * test/histories they are never edited and never recorded over.
 */
const version = process.env['RECORD_LIVES'];
const FILE = join(import.meta.dirname, `lives/lives@${version}.json.br`);

describe.runIf(version)('a corpus of lives', () => {
  it.skipIf(existsSync(FILE))('is recorded', { timeout: 600_000 }, async () => {
    const server = await sharedTemporal();
    const taskQueue = await playLives(server, { seed: 20_261_123, onboardings: 26, days: 60, daysPerSecond: 1.5 });
    const lives: { workflowId: string; history: unknown }[] = [];
    for await (const { workflowId, runId } of server.client.workflow.list({ query: `TaskQueue = '${taskQueue}'` })) {
      const handle = server.client.workflow.getHandle(workflowId, runId);
      const history: unknown = JSON.parse(anonymous(historyToJSON(await handle.fetchHistory())));
      lives.push({ workflowId, history });
    }
    expect(lives.length).toBeGreaterThan(50);
    // A window that spans all lives: what they have in common is written once.
    const params = { [constants.BROTLI_PARAM_LGWIN]: 24 };
    writeFileSync(FILE, brotliCompressSync(JSON.stringify(lives), { params }));
    await server.close();
  });
});

/** Without what names the machine: who polled, and where an error was thrown. */
function anonymous(json: string): string {
  return json
    .replaceAll(`${process.pid}@${hostname()}`, 'worker')
    .replaceAll(/"stackTrace": *"(?:[^"\\]|\\.)*"/g, '"stackTrace": ""');
}
