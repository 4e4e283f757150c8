import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { access, chmod, constants, mkdir, readFile, realpath, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { canReach, OPEN_PLACE } from '../services/postgres-place.mjs';
import { asProblem, Problem } from '../services/problem.mjs';
import { endHaproxies, haproxiesOf } from './left-over-haproxy.mjs';
import { endProcess, isRunning, nameProcess } from './process-facts.mjs';

const LEAST_FREE_BYTES = 256 * 1024 * 1024;
const SECRET_KEY_BYTES = 32;

/**
 * Makes the folder if need be and makes sure that it can be used.
 * @param {string} dataDir @param {string[]} folders in it
 */
export async function openDataFolder(dataDir, folders) {
  try {
    await access(await nearestPresent(dataDir), constants.W_OK);
    await mkdir(dataDir, { recursive: true });
    // Nothing in it is open to others but by its own mode; as root, Postgres and jobs run as other users and must get through.
    await chmod(dataDir, process.getuid?.() === 0 ? 0o711 : 0o700);
    await writeFile(join(dataDir, '.writable'), randomBytes(4096));
    await rm(join(dataDir, '.writable'));
    for (const folder of folders) await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw asProblem(error, dataDir);
  }
  const { bavail, bsize } = await statfs(dataDir);
  if (bavail * bsize < LEAST_FREE_BYTES)
    throw new Problem(
      `The disk is full: ${Math.floor((bavail * bsize) / 1024 / 1024)} MiB are free at ${dataDir}, but a start needs ${LEAST_FREE_BYTES / 1024 / 1024} MiB. Free some space, or set SLIPWAY_DATA_DIR to another disk.`,
    );
}

/** The folder itself or the first one above it that is there. @param {string} folder @returns {Promise<string>} */
async function nearestPresent(folder) {
  const present = await stat(folder).catch((error) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return present ? folder : nearestPresent(dirname(folder));
}

/**
 * One Slipway a data folder. What holds it is a socket, which ends with its process, so that no lock is ever left behind; the
 * file only says who it is.
 * @param {string} file @param {string} dataDir @returns {Promise<() => Promise<void>>} lets go
 */
export async function lockDataFolder(file, dataDir) {
  const hold = await holdName(await realpath(dataDir));
  if (!hold) {
    const holder = await holderOf(file);
    throw new Problem(
      `Another Slipway${holder ? ` (process ${holder.pid})` : ''} already runs on ${dataDir}. Stop that one, or set SLIPWAY_DATA_DIR (and PORT) for a second installation.`,
    );
  }
  await writeFile(file, JSON.stringify(nameProcess(process.pid)), { mode: 0o600 });
  return async () => {
    await rm(file, { force: true });
    await new Promise((resolve) => hold.close(resolve));
  };
}

/** @param {string} dataDir @returns {Promise<import('node:net').Server | null>} null: another process holds it */
async function holdName(dataDir) {
  // On Linux a name of the kernel, not of a file system; elsewhere a file, which may be left behind and then answers nobody.
  const name = createHash('sha256').update(dataDir).digest().subarray(0, 16).toString('hex');
  const address = process.platform === 'linux' ? `\0slipway-${name}` : join(tmpdir(), `slipway-${name}.sock`);
  const server = await listen(address);
  if (server || process.platform === 'linux' || (await answers(address))) return server;
  await rm(address, { force: true });
  return listen(address);
}

/** @param {string} address @returns {Promise<import('node:net').Server | null>} null: it is taken */
function listen(address) {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error) => ('code' in error && error.code === 'EADDRINUSE' ? resolve(null) : reject(error)));
    server.listen(address, () => resolve(server.unref()));
  });
}

/** @param {string} address @returns {Promise<boolean>} */
function answers(address) {
  return new Promise((resolve) => {
    const socket = connect(address, () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(true));
  });
}

/** @param {string} file @returns {Promise<import('./process-facts.mjs').ProcessName | null>} */
async function holderOf(file) {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return null;
  }
}

/**
 * Ends what a killed launcher left: Postgres and nats-server don't notice its end, nor does HAProxy without a router; the others do and are on
 * their way out.
 * @param {{ services: string, router: string }} at @param {(message: string) => void} say
 */
export async function endLeftOvers({ services, router }, say) {
  const left = await readFile(services, 'utf8')
    .then(JSON.parse)
    .catch(() => ({}));
  // Found at once: while the others are waited for, the next launcher may have come, and its HAProxy is not to be found.
  const haproxies = haproxiesOf(router);
  const order = /** @type {const} */ ([
    ['agent', 'SIGTERM', 15_000],
    ['router', 'SIGTERM', 5_000],
    ['server', 'SIGTERM', 10_000],
    ['nats-server', 'SIGINT', 5_000],
    ['Postgres', 'SIGINT', 15_000],
  ]);
  for (const [name, signal, withinMs] of order) {
    const process = left.processes?.[name];
    if (process && isRunning(process)) {
      say(`ending the ${name} that an earlier start left behind (process ${process.pid})`);
      await endProcess(process, signal, withinMs);
    }
    if (name === 'router') await endHaproxies(haproxies, say); // with a router it would be back
  }
}

/** Encrypts secrets at rest; lost with it are all secrets. @param {string} file @param {boolean} isNew */
export async function secretKey(file, isNew) {
  const known = await readFile(file).catch(() => null);
  if (known?.length === SECRET_KEY_BYTES) return;
  if (known || !isNew)
    throw new Problem(
      `The data folder is broken: ${file} ${known ? `has ${known.length} bytes instead of ${SECRET_KEY_BYTES}` : 'is missing'}, and the secrets in the database can't be read without it. Restore it from a backup.`,
    );
  await writeFile(`${file}.new`, randomBytes(SECRET_KEY_BYTES), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/**
 * Where Postgres keeps its files: in the data folder, or, when root's Postgres user can't get there (a checkout under /root),
 * in a folder of this installation in /var/lib/slipway.
 * @param {string} near @param {{ uid: number, gid: number } | null} user @param {(message: string) => void} say
 */
export async function postgresFolder(near, user, say) {
  const pointer = join(dirname(near), 'postgres-elsewhere');
  const elsewhere = (await readFile(pointer, 'utf8').catch(() => '')).trim();
  if (elsewhere) return elsewhere;
  if (await canReach(dirname(near), user)) return near;
  const folder = join(OPEN_PLACE, randomUUID(), 'postgres');
  say(`${dirname(near)} is not readable for the user "postgres", which runs Postgres; its files go to ${folder}`);
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await writeFile(pointer, `${folder}\n`);
  return folder;
}
