import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Workers of Temporal hold native handles: threads panic where processes do not.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    globalSetup: './test/support/made-once.ts',
    reporters: ['default', './test/support/closing-line.ts'],
  },
});
