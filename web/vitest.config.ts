import { createRequire } from 'node:module';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const require = createRequire(import.meta.url);

export default defineConfig({
  plugins: [react()],
  // One copy of graphql for the page and for the fake server; two refuse each other.
  resolve: { alias: { graphql: require.resolve('graphql/index.js') } },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/testing/setup.ts'],
    css: { modules: { classNameStrategy: 'non-scoped' } },
    // The slowest take 3 s by themselves; a busy machine makes that ten times as long.
    testTimeout: 60_000,
    server: { deps: { inline: ['@apollo/client', 'graphql-ws'] } },
  },
});
