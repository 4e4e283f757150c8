import { defineConfig } from 'vitest/config';

/** Real processes on a small machine, which mostly wait: two files at a time, and in a file the tests in their order. */
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
    reporters: ['default'],
  },
});
