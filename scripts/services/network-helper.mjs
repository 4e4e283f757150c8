import { dirname } from 'node:path';
import { debianProgram } from './debian-package.mjs';
import { onPath } from './run-command.mjs';
import { toolsDir } from './tools-place.mjs';

/**
 * What gives jobs and applications a network of their own: pasta, which needs nothing but the C library, else slirp4netns; and ip, or
 * busybox in its place, to close private networks.
 * @param {{ say(message: string): void, dir?: string, installed?: (program: string) => boolean }} options
 * @returns {Promise<{ folders: string[], missing: string[] }>} folders of programs that were unpacked; packages that could not be had
 */
export async function findNetworkHelper({ say, dir, installed = isInstalled }) {
  if (process.platform !== 'linux') return { folders: [], missing: [] };
  const at = dir ?? (await toolsDir());
  const network =
    installed('pasta') || installed('slirp4netns')
      ? 'installed'
      : ((await debianProgram({ name: 'passt', file: 'usr/bin/pasta', dir: at, say })) ??
        (await debianProgram({ name: 'slirp4netns', file: 'usr/bin/slirp4netns', dir: at, say, withLibraries: true })));
  const routes = installed('ip') || installed('busybox') ? 'installed' : await busybox(at, say);
  const found = [network, routes].filter((program) => program !== null && program !== 'installed');
  return {
    folders: found.map((program) => dirname(/** @type {string} */ (program))),
    missing: [...(network === null ? ['passt'] : []), ...(routes === null ? ['iproute2'] : [])],
  };
}

/** Statically linked; newer Debians have it below /usr. @param {string} dir @param {(message: string) => void} say */
async function busybox(dir, say) {
  const wanted = { name: 'busybox-static', dir, say, proof: ['true'] };
  return (await debianProgram({ ...wanted, file: 'bin/busybox' })) ?? debianProgram({ ...wanted, file: 'usr/bin/busybox' });
}

/** @param {string} program */
const isInstalled = (program) => onPath(program, ['/usr/bin', '/usr/sbin', '/sbin']) !== null;
