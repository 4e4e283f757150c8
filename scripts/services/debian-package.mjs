import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isExecutable, onPath, tryCommand } from './run-command.mjs';

/**
 * A program of a Debian package, unpacked and not installed: needs no root. apt checks the package's signature.
 * @param {{ name: string, file: string, dir: string, say(message: string): void }} wanted `file` is its path in the package
 * @returns {Promise<string | null>} null: no Debian, no network, or it does not run here
 */
export async function debianProgram({ name, file, dir, say }) {
  const place = join(dir, `debian-${name}`);
  const program = join(place, file);
  if (isExecutable(program)) return program;
  if (!onPath('apt-get') || !onPath('dpkg')) return null;
  say(`${name} is not installed; unpacking the distribution's package`);
  const scratch = await mkdtemp(join(dir, '.fetching-'));
  try {
    if (!(await unpack(name, scratch)) || !isExecutable(join(scratch, file))) return null;
    if ((await tryCommand(join(scratch, file), ['--version'])) === null) return null;
    await rename(scratch, place).catch(() => undefined);
    return isExecutable(program) ? program : null;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** @param {string} name @param {string} scratch */
async function unpack(name, scratch) {
  const got = (await tryCommand('apt-get', ['download', name], { cwd: scratch })) ?? (await afterUpdate(name, scratch));
  const archive = (await readdir(scratch)).find((entry) => entry.endsWith('.deb'));
  if (got === null || !archive) return false;
  return (await tryCommand('dpkg', ['-x', archive, '.'], { cwd: scratch })) !== null;
}

/** A fresh machine has no package lists; only root can fetch them. @param {string} name @param {string} scratch */
async function afterUpdate(name, scratch) {
  if (process.getuid?.() !== 0 || (await tryCommand('apt-get', ['update', '-qq'], { timeoutMs: 300_000 })) === null) return null;
  return tryCommand('apt-get', ['download', name], { cwd: scratch });
}
