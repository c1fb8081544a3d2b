import { existsSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { describe, expect, it } from 'vitest';
import { stand } from '../workflows/stand.js';
import { BEHAVIOURS } from './behaviours.js';

/**
 * Records the histories: `RECORD_HISTORIES=<version> npx vitest run test/replay/record.test.ts`. A recorded
 * history is never edited and never recorded over: what was shipped is replayed for ever, and a changed behaviour gets a
 * file of the next version.
 */
const version = process.env['RECORD_HISTORIES'];
const DIRECTORY = join(import.meta.dirname, '../histories');

describe.runIf(version)('a history of each behaviour', () => {
  for (const behaviour of BEHAVIOURS) {
    const file = join(DIRECTORY, `${behaviour.name}@${version}.json`);
    it.skipIf(existsSync(file))(`is recorded: ${behaviour.name}`, { timeout: 120_000 }, async () => {
      const it_ = await stand(behaviour.clock(), behaviour.options);
      try {
        const { workflowId, runId } = await behaviour.live(it_);
        const history = await it_.server.client.workflow.getHandle(workflowId, runId).fetchHistory();
        expect(history.events?.length).toBeGreaterThan(3);
        writeFileSync(file, `${anonymous(historyToJSON(history))}\n`);
      } finally {
        await it_.close();
      }
    });
  }
});

/** Without what names the machine: who polled, and where an error was thrown. */
function anonymous(json: string): string {
  return json
    .replaceAll(`${process.pid}@${hostname()}`, 'worker')
    .replaceAll(/"stackTrace": *"(?:[^"\\]|\\.)*"/g, '"stackTrace": ""');
}
