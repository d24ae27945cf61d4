import { defineConfig } from 'vitest/config';

const results = process.env.MUSTER_TEST_RESULTS;

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'fixtures/**/*.test.ts'],
    pool: 'forks',
    // One worker for each processor: the tests wait more than they compute.
    maxWorkers: '100%',
    // Longer than anything in a test waits (packages/posix/test/eventually.ts): what it waited for can be said.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    reporters: results ? ['default', ['json', { outputFile: results }]] : ['default'],
  },
});
