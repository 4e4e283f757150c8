import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const root = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);

/** Settings shared by every workspace that runs in Node: other workspaces are read from their sources, not from dist. */
export function nodeTests(test: ViteUserConfig['test'] = {}): ViteUserConfig {
  return defineConfig({
    resolve: {
      alias: {
        '@slipway/protocol/name-pattern': join(root, 'protocol/src/name-pattern.ts'),
        '@slipway/protocol/text': join(root, 'protocol/src/text.ts'),
        '@slipway/protocol': join(root, 'protocol/src/index.ts'),
        // Loaded once as CommonJS; Vite would otherwise load the ES module beside it, and graphql refuses two copies.
        graphql: require.resolve('graphql/index.js'),
      },
    },
    oxc: { decorator: { legacy: true } },
    test: { include: ['src/**/*.test.ts'], testTimeout: 20_000, hookTimeout: 60_000, expect: { poll: { timeout: 10_000 } }, ...test },
  });
}
