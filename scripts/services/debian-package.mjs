import { chmod, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { inScratch } from './fetched.mjs';
import { isExecutable, onPath, tryCommand } from './run-command.mjs';

/**
 * A program of a Debian package, unpacked and not installed: needs no root. apt checks the package's signature.
 * @typedef {object} DebianProgram
 * @property {string} name of the package
 * @property {string} file the program's path in the package
 * @property {string} dir for programs that were unpacked
 * @property {(message: string) => void} say
 * @property {boolean} [withLibraries] brings the libraries along that it links and this machine lacks
 * @property {string[]} [proof] arguments with which it ends well
 * @property {(output: string) => boolean} [suits] whether it is the one that is wanted, by what it prints then
 */

/**
 * @param {DebianProgram} wanted
 * @returns {Promise<string | null>} null: no Debian, no network, or it does not run here or does not suit
 */
export async function debianProgram({ name, file, dir, say, withLibraries = false, proof = ['--version'], suits = () => true }) {
  const place = join(dir, `debian-${name}`);
  const programIn = (/** @type {string} */ folder) =>
    [join(folder, WITH_LIBRARIES, basename(file)), join(folder, file)].find(isExecutable) ?? null;
  const kept = programIn(place);
  if (kept) return kept;
  if (!onPath('apt-get') || !onPath('dpkg')) return null;
  say(`${name} is not installed; unpacking the distribution's package`);
  return inScratch(dir, async (scratch) => {
    await chmod(scratch, 0o755); // other users run it
    if (!(await unpack(name, withLibraries, scratch))) return null;
    if (withLibraries) await wrap(scratch, file);
    const program = programIn(scratch);
    const proven = program && (await tryCommand(program, proof));
    if (proven === null || !suits(proven)) return null;
    await rename(scratch, place).catch(() => undefined); // another start was quicker
    return programIn(place);
  });
}

/** Where the program lies that shows the real one its libraries. */
const WITH_LIBRARIES = 'with-libraries';
/** Without a network it ends within seconds, whatever apt is set to. */
const IMPATIENT = ['-o', 'Acquire::Retries=0', '-o', 'Acquire::http::Timeout=10', '-o', 'Acquire::https::Timeout=10'];
/** One at a time can update the lists, and once is enough. @type {Promise<string | null> | null} */
let updating = null;

/** @param {string} name @param {boolean} withLibraries @param {string} scratch */
async function unpack(name, withLibraries, scratch) {
  const got = (await download(name, withLibraries, scratch)) || ((await updateLists()) && (await download(name, withLibraries, scratch)));
  if (!got) return false;
  for (const archive of await archivesIn(scratch)) {
    if ((await tryCommand('dpkg', ['-x', archive, '.'], { cwd: scratch })) === null) return false;
    await rm(join(scratch, archive));
  }
  return true;
}

/** @param {string} name @param {boolean} withLibraries @param {string} scratch */
async function download(name, withLibraries, scratch) {
  const packages = [name, ...(withLibraries ? await missingLibraries(name) : [])];
  const got = await tryCommand('apt-get', [...IMPATIENT, 'download', ...packages], { cwd: scratch });
  return got !== null && (await archivesIn(scratch)).length >= packages.length;
}

/** The packages of libraries that apt would install with it here: their names differ between releases. @param {string} name */
async function missingLibraries(name) {
  const plan = await tryCommand('apt-get', ['install', '--simulate', '--no-install-recommends', name]);
  return [...(plan ?? '').matchAll(/^Inst (lib\S+)/gm)].map(([, library = '']) => library);
}

/** @param {string} folder */
const archivesIn = async (folder) => (await readdir(folder)).filter((entry) => entry.endsWith('.deb'));

/** A fresh machine has no package lists; only root can fetch them. */
async function updateLists() {
  if (process.getuid?.() !== 0) return false;
  updating ??= tryCommand('apt-get', [...IMPATIENT, '-o', 'APT::Update::Error-Mode=any', 'update', '-qq'], { timeoutMs: 300_000 });
  return (await updating) !== null;
}

/**
 * Puts a program in front that shows it its libraries, wherever the folder is moved; without any it needs none.
 * @param {string} folder of unpacked packages @param {string} file
 */
async function wrap(folder, file) {
  const found = (await tryCommand('find', ['.', '-name', '*.so.*', '-printf', '%h\n'], { cwd: folder })) ?? '';
  const libraries = [...new Set(found.split('\n').filter(Boolean))].map((place) => `$here/${place}`);
  if (libraries.length === 0) return;
  await mkdir(join(folder, WITH_LIBRARIES));
  const text = `#!/bin/sh\nhere="\${0%/*}/.."\nLD_LIBRARY_PATH="${libraries.join(':')}" exec "$here/${file}" "$@"\n`;
  await writeFile(join(folder, WITH_LIBRARIES, basename(file)), text, { mode: 0o755 });
}
