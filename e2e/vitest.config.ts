import { defineConfig } from 'vitest/config';

/** Real processes on a small machine: one file at a time, and in a file the tests in their order. */
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    fileParallelism: false,
    reporters: ['default'],
  },
});
