import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../bootstrap/paths.mjs';
import { npm } from '../bootstrap/run.mjs';
import { say } from '../bootstrap/say.mjs';
import { entriesOf, releaseEntry } from './changelog.mjs';
import { makePackage } from './pack.mjs';
import { whyNotReleased } from './rules.mjs';

const execute = promisify(execFile);
const CHANGELOG = join(ROOT, 'CHANGELOG.md');

/**
 * Version, changelog, package, commit and tag.
 * @param {string} version @param {{ isDry: boolean }} options a dry run makes the package and leaves everything else as it is
 */
export async function release(version, { isDry }) {
  const changelog = await readFile(CHANGELOG, 'utf8');
  const problems = whyNotReleased(version, {
    released: entriesOf(changelog).flatMap((entry) => (entry.date === null ? [] : [entry.version])),
    tags: (await git('tag', '--list')).split('\n'),
    branch: (await git('branch', '--show-current')).trim(),
    changed: (await git('status', '--porcelain')).split('\n').filter(Boolean),
  });
  if (problems.length > 0 && !isDry)
    throw new Error(`Version ${version} can't be released:\n${problems.map((each) => `  ${each}`).join('\n')}`);
  for (const problem of problems) say(`would be refused: ${problem}`);
  const entry = releaseEntry(changelog, version, today());
  if (!isDry) {
    await setVersion(version);
    await writeFile(CHANGELOG, entry);
  }
  const file = await makePackage();
  if (isDry) return say(`dry run: made ${file}; version, changelog, commit and tag are as they were`);
  await git('commit', '--all', '--message', `Release ${version}`);
  await git('tag', '--annotate', `v${version}`, '--message', `Slipway ${version}`);
  say(
    `made ${file}, the commit and the tag v${version}. Look at them; docs/releasing.md says how to publish them, and how to take them back.`,
  );
}

/** In every workspace and in the lock file. @param {string} version */
async function setVersion(version) {
  const all = ['--workspaces', '--include-workspace-root'];
  await mustWork(
    npm(['version', version, ...all, '--no-git-tag-version', '--allow-same-version', '--no-workspaces-update']),
    'npm version',
  );
  await mustWork(npm(['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund']), 'npm install');
}

const today = () => String(new Date().toISOString().split('T')[0]);

/** @param {Promise<number>} exit @param {string} what */
async function mustWork(exit, what) {
  const code = await exit;
  if (code !== 0)
    throw new Error(`${what} ended with exit code ${code}; its output is above. "git restore ." takes back what was changed.`);
}

/** @param {string[]} args */
const git = async (...args) => (await execute('git', args, { cwd: ROOT })).stdout;
