import { defineConfig } from 'vitest/config';

const results = process.env.MUSTER_TEST_RESULTS;

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'fixtures/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A shared machine can stall for longer than any deadline of a test that drives real processes. What passes only the
    // second time is told as such.
    retry: process.env.CI ? 1 : 0,
    reporters: results ? ['default', ['json', { outputFile: results }]] : ['default'],
  },
});
