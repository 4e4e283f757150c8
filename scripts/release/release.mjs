import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { turbo } from '../bootstrap/build.mjs';
import { ROOT } from '../bootstrap/paths.mjs';
import { npm } from '../bootstrap/run.mjs';
import { say } from '../bootstrap/say.mjs';
import { entriesOf, releaseEntry } from './changelog.mjs';
import { assemblePackage } from './package.mjs';
import { whyNotReleased } from './rules.mjs';

const execute = promisify(execFile);
const CHANGELOG = join(ROOT, 'CHANGELOG.md');
/** Where packages are put; ignored by Git. */
const RELEASES = join(ROOT, 'releases');

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

/** @returns {Promise<string>} the tarball */
async function makePackage() {
  await mustWork(turbo(['build']), 'the build');
  await mkdir(RELEASES, { recursive: true });
  const folder = await mkdtemp(join(tmpdir(), 'slipway-package-'));
  try {
    await assemblePackage(folder);
    const { stdout } = await execute('npm', ['pack', '--json', '--pack-destination', RELEASES], {
      cwd: folder,
      maxBuffer: 64 * 1024 * 1024,
    });
    const [packed] = Object.values(JSON.parse(stdout));
    say(`${packed.filename}: ${packed.entryCount} files, ${megabytes(packed.size)} packed, ${megabytes(packed.unpackedSize)} unpacked`);
    return join(RELEASES, packed.filename);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const today = () => String(new Date().toISOString().split('T')[0]);

/** @param {number} bytes */
const megabytes = (bytes) => `${(bytes / 1_000_000).toFixed(1)} MB`;

/** @param {Promise<number>} exit @param {string} what */
async function mustWork(exit, what) {
  const code = await exit;
  if (code !== 0)
    throw new Error(`${what} ended with exit code ${code}; its output is above. "git restore ." takes back what was changed.`);
}

/** @param {string[]} args */
const git = async (...args) => (await execute('git', args, { cwd: ROOT })).stdout;
