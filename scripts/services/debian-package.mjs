import { chmod, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isExecutable, onPath, tryCommand } from './run-command.mjs';

/**
 * A program of a Debian package, unpacked and not installed: needs no root. apt checks the package's signature.
 * @param {{ name: string, file: string, dir: string, say(message: string): void, libraries?: string[], proof?: string[] }} wanted `file` is its path in
 * the package; `libraries` are packages that hold what it links and a small system lacks; `proof` are arguments with which it ends well
 * @returns {Promise<string | null>} null: no Debian, no network, or it does not run here
 */
export async function debianProgram({ name, file, dir, say, libraries = [], proof = ['--version'] }) {
  const place = join(dir, `debian-${name}`);
  const path = libraries.length === 0 ? file : join('with-libraries', basename(file));
  const program = join(place, path);
  if (isExecutable(program)) return program;
  if (!onPath('apt-get') || !onPath('dpkg')) return null;
  say(`${name} is not installed; unpacking the distribution's package`);
  const scratch = await mkdtemp(join(dir, '.fetching-'));
  try {
    await chmod(scratch, 0o755); // other users run it
    if (!(await unpack([name, ...libraries], scratch)) || !isExecutable(join(scratch, file))) return null;
    if (libraries.length > 0) await wrap(scratch, place, file, path);
    const env = libraries.length > 0 ? await libraryPath(scratch) : '';
    if ((await tryCommand('env', [`LD_LIBRARY_PATH=${env}`, join(scratch, file), ...proof])) === null) return null;
    await rename(scratch, place).catch(() => undefined);
    return isExecutable(program) ? program : null;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Without a network it ends within seconds, whatever apt is set to. */
const IMPATIENT = ['-o', 'Acquire::Retries=0', '-o', 'Acquire::http::Timeout=10', '-o', 'Acquire::https::Timeout=10'];
/** One at a time can update the lists, and once is enough. @type {Promise<string | null> | null} */
let updating = null;

/** @param {string[]} packages @param {string} scratch */
async function unpack(packages, scratch) {
  const got =
    (await tryCommand('apt-get', [...IMPATIENT, 'download', ...packages], { cwd: scratch })) ?? (await afterUpdate(packages, scratch));
  const archives = (await readdir(scratch)).filter((entry) => entry.endsWith('.deb'));
  if (got === null || archives.length < packages.length) return false;
  for (const archive of archives) {
    if ((await tryCommand('dpkg', ['-x', archive, '.'], { cwd: scratch })) === null) return false;
    await rm(join(scratch, archive));
  }
  return true;
}

/** A fresh machine has no package lists; only root can fetch them. @param {string[]} packages @param {string} scratch */
async function afterUpdate(packages, scratch) {
  if (process.getuid?.() !== 0) return null;
  updating ??= tryCommand('apt-get', [...IMPATIENT, '-o', 'APT::Update::Error-Mode=any', 'update', '-qq'], { timeoutMs: 300_000 });
  if ((await updating) === null) return null;
  return tryCommand('apt-get', [...IMPATIENT, 'download', ...packages], { cwd: scratch });
}

/** A program in the program's place that shows it its libraries. @param {string} scratch @param {string} place @param {string} file @param {string} path */
async function wrap(scratch, place, file, path) {
  const libraries = (await libraryPath(scratch)).replaceAll(scratch, place);
  await tryCommand('mkdir', ['-p', join(scratch, 'with-libraries')]);
  await writeFile(join(scratch, path), `#!/bin/sh\nLD_LIBRARY_PATH='${libraries}' exec '${join(place, file)}' "$@"\n`, { mode: 0o755 });
}

/** @param {string} folder of unpacked packages */
async function libraryPath(folder) {
  const found = await tryCommand('find', [folder, '-name', '*.so.*', '-printf', '%h\n']);
  return [...new Set((found ?? '').split('\n').filter(Boolean))].join(':');
}
