import { readFileSync, statfsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const root = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);

const MEMORY = '/dev/shm';
const ROOM_BYTES = 4 * 1024 ** 3;

/**
 * Puts temporary files into memory, where there is room for them. Tests of databases and repositories make and remove so many small files
 * that a disk's file system takes a fifth of their processor time.
 */
export function keepTemporaryFilesInMemory(): void {
  if (process.platform !== 'linux' || process.env.TMPDIR || !runsPrograms(MEMORY)) return;
  const { bavail, bsize } = statfsSync(MEMORY);
  if (bavail * bsize >= ROOM_BYTES) process.env.TMPDIR = MEMORY;
}

/** Whether it is a file system of its own, in memory, from which programs can be started. */
function runsPrograms(place: string): boolean {
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  const [, , type, options = ''] = mounts.find((line) => line.split(' ')[1] === place)?.split(' ') ?? [];
  return type === 'tmpfs' && !options.split(',').includes('noexec');
}

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
    // The slowest take 5 s by themselves; a busy machine makes that ten times as long.
    test: { include: ['src/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 10_000 } }, ...test },
  });
}
