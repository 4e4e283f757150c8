import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { debianProgram } from './debian-package.mjs';
import { findNetworkHelper } from './network-helper.mjs';
import { onPath, tryCommand } from './run-command.mjs';

const isDebian = onPath('apt-get') !== null && onPath('dpkg') !== null;
const isOffline = isDebian && (await tryCommand('apt-get', ['update', '-qq'])) === null;
/** @type {(message: string) => void} */
const quiet = () => undefined;

async function folder() {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-tools-'));
  await chmod(dir, 0o755);
  return { dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true }) };
}

it('fetches nothing where all is installed', async () => {
  expect(await findNetworkHelper({ say: quiet, dir: '/nowhere', installed: () => true })).toEqual({ folders: [], missing: [] });
});

it.skipIf(!isDebian || isOffline)('brings along what makes networks and what closes them, for other users too', async () => {
  await using place = await folder();
  const { folders, missing } = await findNetworkHelper({ say: quiet, dir: place.dir, installed: () => false });
  expect(missing).toEqual([]);
  expect(folders).toHaveLength(2);
  const user = process.getuid?.() === 0 ? ['setpriv', '--reuid', '60601', '--regid', '60601', '--clear-groups', '--'] : ['env'];
  for (const command of [
    [join(folders[0] ?? '', 'pasta'), '--version'],
    [join(folders[1] ?? '', 'busybox'), 'ip', 'route'],
  ])
    expect([basename(command[0] ?? ''), await tryCommand(user[0] ?? '', [...user.slice(1), ...command])]).toEqual([
      expect.any(String),
      expect.any(String),
    ]);
});

it.skipIf(!isDebian || isOffline)('brings a program along with the libraries that it links', async () => {
  await using place = await folder();
  const wanted = { name: 'slirp4netns', file: 'usr/bin/slirp4netns', say: quiet, libraries: ['libslirp0', 'libglib2.0-0', 'libseccomp2'] };
  const program = await debianProgram({ ...wanted, dir: place.dir });
  expect(await tryCommand(program ?? '', ['--version'])).toContain('libslirp');
  expect(await debianProgram({ ...wanted, dir: place.dir })).toBe(program);
});
