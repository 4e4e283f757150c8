import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../bootstrap/build.mjs';
import { ROOT } from '../bootstrap/paths.mjs';
import { run } from '../bootstrap/run.mjs';
import { complain, say } from '../bootstrap/say.mjs';
import { CHECKS, runChecks } from '../check/checks.mjs';
import { countsOf, lineOf, summaryOf, totalOf } from './sums.mjs';
import { needSystemPrograms } from './system-programs.mjs';

const WORKSPACES = ['protocol', 'router', 'agents', 'server', 'web', 'scripts', 'e2e'];

/** @typedef {import('./sums.mjs').Sum} Sum */

/**
 * @param {string[]} only names of suites; none: all
 * @returns {Promise<number>} exit code; the last line printed is `N passed, N failed`, and `, N skipped` where any were
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
  if (wanted('check')) sums.push(await timed('check', async () => ({ skipped: 0, ...(await runChecks(CHECKS)) })));
  for (const workspace of WORKSPACES.filter(wanted)) sums.push(await timed(workspace, () => vitest(workspace)));
  return printSums(sums);
}

/** @param {string} name @param {() => Promise<import('./sums.mjs').Counts>} suite @returns {Promise<Sum>} */
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
