import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../bootstrap/build.mjs';
import { ROOT } from '../bootstrap/paths.mjs';
import { run } from '../bootstrap/run.mjs';
import { complain, say } from '../bootstrap/say.mjs';
import { CHECKS, runChecks } from '../check/checks.mjs';
import { needSystemPrograms } from './system-programs.mjs';

const WORKSPACES = ['protocol', 'router', 'agents', 'server', 'web', 'scripts', 'e2e'];

/** @typedef {{ name: string, passed: number, failed: number, seconds: number }} Sum */

/**
 * @param {string[]} only names of suites; none: all
 * @returns {Promise<number>} exit code; the last line printed is `N passed, N failed`
 */
export async function testAll(only) {
  const unknown = only.filter((name) => name !== 'check' && !WORKSPACES.includes(name));
  if (unknown.length > 0) {
    complain(`There is no suite "${unknown[0]}". There are: check, ${WORKSPACES.join(', ')}.`);
    return 1;
  }
  const wanted = (/** @type {string} */ name) => only.length === 0 || only.includes(name);
  if (!(await needSystemPrograms())) return 1;
  if (!(await build())) return 1;
  /** @type {Sum[]} */
  const sums = [];
  if (wanted('check')) sums.push(await timed('check', async () => await runChecks(CHECKS)));
  for (const workspace of WORKSPACES.filter(wanted)) sums.push(await timed(workspace, () => vitest(workspace)));
  return printSums(sums);
}

/** @param {string} name @param {() => Promise<{ passed: number, failed: number }>} suite @returns {Promise<Sum>} */
async function timed(name, suite) {
  say(`testing ${name}`);
  const start = Date.now();
  return { name, ...(await suite()), seconds: Math.round((Date.now() - start) / 1_000) };
}

/** Counts come from Vitest's own report; a suite that ends without one has failed. @param {string} workspace */
async function vitest(workspace) {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-report-'));
  const report = join(dir, 'report.json');
  try {
    const code = await run(
      process.execPath,
      [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`],
      {
        cwd: join(ROOT, workspace),
      },
    );
    const { numPassedTests, numTotalTests, numPendingTests, numTodoTests } = JSON.parse(await readFile(report, 'utf8'));
    const failed = numTotalTests - numPassedTests - numPendingTests - numTodoTests;
    // A failure outside of any test, an unhandled rejection for instance, counts as one.
    return { passed: numPassedTests, failed: code !== 0 && failed === 0 ? 1 : failed };
  } catch (error) {
    complain(`The suite ${workspace} left no report: ${error}`);
    return { passed: 0, failed: 1 };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** @param {Sum[]} sums */
function printSums(sums) {
  for (const { name, passed, failed, seconds } of sums)
    say(`${name.padEnd(9)} ${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed ${seconds} s`);
  const passed = sums.reduce((sum, suite) => sum + suite.passed, 0);
  const failed = sums.reduce((sum, suite) => sum + suite.failed, 0);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed === 0 && passed > 0 ? 0 : 1;
}
