import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Workers of Temporal hold native handles: threads panic where processes do not.
    pool: 'forks',
    // One more than cores: a third of the time a test waits, for a timer, a disk or a process that comes up.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    globalSetup: './test/support/made-once.ts',
    reporters: ['default', './test/support/closing-line.ts'],
  },
});
