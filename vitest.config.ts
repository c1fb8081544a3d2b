import { configDefaults, defineConfig } from 'vitest/config';
import { folderInMemory } from './test/support/in-memory.ts';
import { LongFirst } from './test/support/long-first.ts';

/**
 * Rooms whose tests leave nothing behind in their process, so that one process takes them all: loading what they test
 * takes longer than testing it.
 */
const TOGETHER = [
  'api',
  'catalogue',
  'cli',
  'domain',
  'outbound',
  'policy-file',
  'scenarios',
  'signature',
  'throttle',
].map((room) => `test/${room}/**/*.test.ts`);

/**
 * Once more with workers that keep no workflow in memory, so that every task replays its run from its start: what waits,
 * is asked, acts and ends.
 */
const FORGETFUL = ['economy', 'forgetful', 'life', 'look', 'messages'].map((name) => `test/workflows/${name}.test.ts`);

// Inherited by every process of a run, also by the servers that it starts.
const folder = folderInMemory();
if (folder) process.env['TMPDIR'] ??= folder;

export default defineConfig({
  test: {
    // Workers of Temporal hold native handles: threads panic where processes do not.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    sequence: { sequencer: LongFirst },
    globalSetup: './test/support/made-once.ts',
    reporters: ['default', './test/support/closing-line.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'apart',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...TOGETHER, 'test/workflows/forgetful.test.ts'],
        },
      },
      { extends: true, test: { name: 'forgetful', include: FORGETFUL, env: { SLIPWAY_TEST_NO_CACHE: '1' } } },
      { extends: true, test: { name: 'together', include: TOGETHER, isolate: false } },
    ],
  },
});
