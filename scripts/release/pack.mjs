import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from '../bootstrap/build.mjs';
import { ROOT } from '../bootstrap/paths.mjs';
import { say } from '../bootstrap/say.mjs';
import { assemblePackage } from './package.mjs';

const execute = promisify(execFile);
/** Where packages are put; ignored by Git. */
const RELEASES = join(ROOT, 'releases');
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Builds, and makes the npm package of this version. @returns {Promise<string>} the tarball */
export async function makePackage() {
  if (!(await build())) throw new Error('The build failed; its output is above.');
  await mkdir(RELEASES, { recursive: true });
  const folder = await mkdtemp(join(tmpdir(), 'slipway-package-'));
  try {
    await assemblePackage(folder);
    const { stdout } = await execute('npm', ['pack', '--json', '--pack-destination', RELEASES], {
      cwd: folder,
      maxBuffer: MAX_OUTPUT_BYTES,
    });
    const [packed] = JSON.parse(stdout);
    say(`${packed.filename}: ${packed.entryCount} files, ${megabytes(packed.size)} packed, ${megabytes(packed.unpackedSize)} unpacked`);
    return join(RELEASES, packed.filename);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param {number} bytes */
const megabytes = (bytes) => `${(bytes / 1_000_000).toFixed(1)} MB`;
