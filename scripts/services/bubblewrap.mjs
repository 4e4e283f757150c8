import { debianProgram } from './debian-package.mjs';
import { onPath } from './run-command.mjs';
import { toolsDir } from './tools-place.mjs';

/**
 * The sandbox's program: the machine's own, else the distribution's package, unpacked.
 * @param {{ say(message: string): void }} options
 * @returns {Promise<string | null>} null: not to be had here
 */
export async function findBubblewrap({ say }) {
  const own = onPath('bwrap', ['/usr/bin']);
  if (own || process.platform !== 'linux') return own;
  return debianProgram({ name: 'bubblewrap', file: 'usr/bin/bwrap', dir: await toolsDir(), say });
}
