import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../bootstrap/build.mjs';
import { ROOT } from '../bootstrap/paths.mjs';
import { run } from '../bootstrap/run.mjs';
import { complain, say } from '../bootstrap/say.mjs';
import { CHECKS, runChecks } from '../check/checks.mjs';
import { sideBySide } from './lanes.mjs';
import { countsOf, lineOf, summaryOf, totalOf } from './sums.mjs';
import { needSystemPrograms } from './system-programs.mjs';

const CHECK = 'check';
/** In the order in which they begin: the longest first, so that no lane waits long for the other at the end. */
const SUITES = ['e2e', 'server', 'agents', 'web', 'router', CHECK, 'scripts', 'protocol'];
/** Suites that run side by side: most of them wait as much as they work. */
const LANES = 2;
/** Two installations are enough for a machine. @type {Record<string, number>} */
const MAX_WORKERS = { e2e: 2 };

/** @typedef {import('./sums.mjs').Sum} Sum */

/**
 * @param {string[]} only names of suites; none: all
 * @returns {Promise<number>} exit code; the last line printed is `N passed, N failed`, and `, N skipped` where any were
 */
export async function testAll(only) {
  const unknown = only.filter((name) => !SUITES.includes(name));
  if (unknown.length > 0) {
    complain(`There is no suite "${unknown[0]}". There are: ${SUITES.join(', ')}.`);
    return 1;
  }
  if (!(await needSystemPrograms())) return 1;
  if (!(await build())) return 1;
  const wanted = SUITES.filter((name) => only.length === 0 || only.includes(name));
  const alone = wanted.length === 1;
  const suite = (/** @type {string} */ name) => (name === CHECK ? check() : alone ? vitest(name) : vitestBeside(name));
  return printSums(await sideBySide(LANES, wanted, (name) => timed(name, suite(name))));
}

/** @param {string} name @param {Promise<import('./sums.mjs').Counts>} suite @returns {Promise<Sum>} */
async function timed(name, suite) {
  say(`testing ${name}`);
  const start = Date.now();
  return { name, ...(await suite), seconds: Math.round((Date.now() - start) / 1_000) };
}

/** @returns {Promise<import('./sums.mjs').Counts>} */
const check = async () => ({ skipped: 0, ...(await runChecks(CHECKS)) });

/** Beside another suite: with its part of the processors, and what it prints kept until its end. @param {string} workspace */
async function vitestBeside(workspace) {
  const workers = Math.max(1, Math.floor(availableParallelism() / LANES));
  const dir = await mkdtemp(join(tmpdir(), 'slipway-output-'));
  const output = openSync(join(dir, 'output'), 'w');
  try {
    return await vitest(workspace, [`--maxWorkers=${Math.min(workers, MAX_WORKERS[workspace] ?? workers)}`], {
      stdio: ['ignore', output, output],
    });
  } finally {
    closeSync(output);
    process.stdout.write(await readFile(join(dir, 'output')));
    await rm(dir, { recursive: true, force: true });
  }
}

/**
 * Counts come from Vitest's own report; a suite that ends without one has failed.
 * @param {string} workspace @param {string[]} [args] @param {import('node:child_process').SpawnOptions} [options]
 */
async function vitest(workspace, args = [], options = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-report-'));
  const report = join(dir, 'report.json');
  // For those who show the cases of tests.
  const { JUNIT_DIR: junitDir } = process.env;
  const junit = junitDir ? ['--reporter=junit', `--outputFile.junit=${join(ROOT, junitDir, `${workspace}.xml`)}`] : [];
  const vitestProgram = join(ROOT, 'node_modules/vitest/vitest.mjs');
  try {
    const code = await run(
      process.execPath,
      [vitestProgram, 'run', '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`, ...junit, ...args],
      { cwd: join(ROOT, workspace), ...options },
    );
    return countsOf(JSON.parse(await readFile(report, 'utf8')), code);
  } catch (error) {
    complain(`The suite ${workspace} left no report: ${error}`);
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** @param {Sum[]} sums */
function printSums(sums) {
  for (const sum of sums) say(lineOf(sum));
  const total = totalOf(sums);
  process.stdout.write(`${summaryOf(total)}\n`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}
