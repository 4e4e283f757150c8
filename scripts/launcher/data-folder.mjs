import { randomBytes, randomUUID } from 'node:crypto';
import { access, chmod, constants, link, mkdir, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { canReach, OPEN_PLACE } from '../services/postgres-place.mjs';
import { asProblem, Problem } from '../services/problem.mjs';
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
      `The disk is full: ${Math.floor((bavail * bsize) / 1024 / 1024)} MiB are free at ${dataDir}, and a start needs ${LEAST_FREE_BYTES / 1024 / 1024} MiB. Free some space, or set SLIPWAY_DATA_DIR to another disk.`,
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
 * One Slipway a data folder. The lock names its process, so that a lock left behind by a kill -9 or a power cut is seen as such.
 * @param {string} file @param {string} dataDir @returns {Promise<() => Promise<void>>} lets go
 */
export async function lockDataFolder(file, dataDir) {
  const mine = `${file}.${process.pid}`;
  await writeFile(mine, JSON.stringify(nameProcess(process.pid)), { mode: 0o600 });
  try {
    for (let tries = 1; ; tries++) {
      if (await takenBy(mine, file)) return () => rm(file, { force: true });
      const holder = await holderOf(file);
      if (holder && isRunning(holder))
        throw new Problem(
          `Another Slipway (process ${holder.pid}) runs on ${dataDir}. Stop that one, or set SLIPWAY_DATA_DIR (and PORT) for a second installation.`,
        );
      if (tries === 3) throw new Problem(`${file} can't be taken: another Slipway is starting on ${dataDir} at this moment. Try again.`);
      await rename(file, `${file}.old`).catch(() => undefined);
    }
  } finally {
    await rm(mine, { force: true });
  }
}

/** A hard link is made whole or not at all. @param {string} mine @param {string} file */
const takenBy = (mine, file) =>
  link(mine, file).then(
    () => true,
    (error) => {
      if (error.code === 'EEXIST') return false;
      throw asProblem(error, file);
    },
  );

/** @param {string} file @returns {Promise<import('./process-facts.mjs').ProcessName | null>} */
async function holderOf(file) {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return null;
  }
}

/**
 * Ends what a killed launcher left: Postgres and nats-server don't notice its end, the others do and are on their way out.
 * @param {string} servicesFile @param {(message: string) => void} say
 */
export async function endLeftOvers(servicesFile, say) {
  const left = await readFile(servicesFile, 'utf8').then(JSON.parse, () => ({}));
  const order = /** @type {const} */ ([
    ['agent', 'SIGTERM', 15_000],
    ['router', 'SIGTERM', 5_000],
    ['server', 'SIGTERM', 10_000],
    ['nats-server', 'SIGINT', 5_000],
    ['Postgres', 'SIGINT', 15_000],
  ]);
  for (const [name, signal, withinMs] of order) {
    const process = left.processes?.[name];
    if (!process || !isRunning(process)) continue;
    say(`ending the ${name} that an earlier start left behind (process ${process.pid})`);
    await endProcess(process, signal, withinMs);
  }
}

/** Encrypts secrets at rest; lost with it are all secrets. @param {string} file @param {boolean} isNew */
export async function secretKey(file, isNew) {
  const known = await readFile(file).catch(() => null);
  if (known?.length === SECRET_KEY_BYTES) return;
  if (known || !isNew)
    throw new Problem(
      `The data folder is broken: ${file} ${known ? `has ${known.length} bytes instead of ${SECRET_KEY_BYTES}` : 'is missing'}, and the secrets in the database can't be read without it. Put it back from a backup.`,
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
  say(`${dirname(near)} is closed to the user "postgres", as which Postgres runs; its files go to ${folder}`);
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await writeFile(pointer, `${folder}\n`);
  return folder;
}
