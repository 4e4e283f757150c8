import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { NODE_MODULES, PINNED_NODE, ROOT, STAMPS } from './paths.mjs';
import { run } from './run.mjs';
import { say } from './say.mjs';

const STAMP = join(STAMPS, 'built');
/** Folders and files that a build reads. */
const SOURCES = [
  'protocol',
  'server',
  'agents',
  'router',
  'web',
  'package-lock.json',
  'schema.graphql',
  'tsconfig.base.json',
  'turbo.json',
];
const NOT_SOURCES = new Set(['node_modules', 'dist', '.turbo', 'generated', 'coverage']);
const BUILT = ['server/dist/main.js', 'router/dist/main.js', 'agents/dist/main.js', 'web/dist/index.html'];

/**
 * Builds what changed since the last build. Looking takes milliseconds, and nothing is started when nothing changed.
 * @returns {Promise<boolean>} false: a build failed and has said why
 */
export async function build() {
  const sources = fingerprint();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === sources && BUILT.every((file) => existsSync(join(ROOT, file)))) return true;
  say('building (half a minute the first time)');
  if ((await turbo(['build'])) !== 0) return false;
  mkdirSync(STAMPS, { recursive: true });
  writeFileSync(STAMP, sources);
  return true;
}

/**
 * Runs a task in every workspace that has it, what it depends on first; what did not change is not done again.
 * @param {string[]} tasks @param {import('node:child_process').SpawnOptions} [options]
 */
export function turbo(tasks, options = {}) {
  return run(
    join(NODE_MODULES, '.bin', 'turbo'),
    ['run', ...tasks, '--output-logs=errors-only', '--log-order=grouped', '--concurrency=2'],
    {
      env: {
        ...process.env,
        PATH: `${dirname(PINNED_NODE)}${delimiter}${process.env.PATH}`,
        TURBO_TELEMETRY_DISABLED: '1',
        DO_NOT_TRACK: '1',
        TURBO_NO_UPDATE_NOTIFIER: '1',
      },
      ...options,
    },
  );
}

/** Of names, sizes and times of change. */
function fingerprint() {
  const hash = createHash('sha256');
  for (const source of SOURCES) add(hash, source);
  return hash.digest('hex');
}

/** @param {import('node:crypto').Hash} hash @param {string} path relative to the checkout */
function add(hash, path) {
  const found = statSync(join(ROOT, path), { throwIfNoEntry: false });
  if (found?.isDirectory()) {
    for (const name of readdirSync(join(ROOT, path)).sort()) if (!NOT_SOURCES.has(name)) add(hash, `${path}/${name}`);
  } else if (found && !path.endsWith('.test.ts')) hash.update(`${path}\0${found.size}\0${found.mtimeMs}\n`);
}
