import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { postgresHome, postgresUser } from './postgres-binaries.mjs';
import { reachableHome, socketFolder } from './postgres-place.mjs';
import { asProblem, Problem } from './problem.mjs';

const run = promisify(execFile);
const USER = 'slipway';
const DATABASE = 'slipway';

/**
 * @typedef {object} PostgresOptions
 * @property {string} dir Postgres's own folder; made when missing. As root it must lie where the user `postgres` can go.
 * @property {string} logFile
 * @property {boolean} [throwaway] for tests: faster, and a power cut loses it
 * @property {(message: string) => void} [say]
 */

/**
 * A real Postgres on a Unix socket alone, with a random password. Makes the database `slipway` at the first call.
 * @param {PostgresOptions} options
 * @returns {Promise<{ service: import('./service.mjs').Service, url: string, dataDir: string }>}
 */
export async function preparePostgres(options) {
  try {
    return await prepare(options);
  } catch (error) {
    throw asProblem(error, options.dir);
  }
}

/** @param {PostgresOptions} options */
async function prepare({ dir, logFile, throwaway = false, say = () => undefined }) {
  const { home: installedHome, version, major } = await postgresHome();
  const user = postgresUser();
  const home = await reachableHome(installedHome, version, user, say);
  const dataDir = join(dir, 'data');
  await ownedFolder(dir, user);
  const password = await readOrMakePassword(dir);
  await refuseOtherMajor(dataDir, major);
  if (!(await exists(join(dataDir, 'PG_VERSION')))) {
    say('making the database');
    await initialise({ home, dir, dataDir, password, user, throwaway });
  }
  const socketDir = await socketFolder(dir, user);
  /** @type {import('./service.mjs').Service} */
  const service = {
    name: 'Postgres',
    command: join(home, 'bin', 'postgres'),
    args: ['-D', dataDir, ...settings(socketDir, throwaway)],
    env: environment(home),
    cwd: dir,
    logFile,
    ...(user ?? {}),
    stopSignal: 'SIGINT',
    stopWithinMs: 20_000,
    readyWithinMs: 60_000,
    isReady: (pid) => postmasterReady(dataDir, pid),
  };
  return { service, dataDir, url: `postgres://${USER}:${password}@localhost/${DATABASE}?host=${encodeURIComponent(socketDir)}` };
}

/** @param {string} socketDir @param {boolean} throwaway */
function settings(socketDir, throwaway) {
  const values = {
    listen_addresses: '',
    unix_socket_directories: socketDir,
    unix_socket_permissions: '0700',
    max_connections: '100',
    shared_buffers: '128MB',
    log_line_prefix: '%m [%p] ',
    password_encryption: 'scram-sha-256',
    ...(throwaway ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' } : {}),
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Made beside its place and moved there when complete, so that an interrupted start leaves nothing half-made.
 * @param {{ home: string, dir: string, dataDir: string, password: string, user: { uid: number, gid: number } | null, throwaway: boolean }} options */
async function initialise({ home, dir, dataDir, password, user, throwaway }) {
  const making = `${dataDir}.making`;
  const passwordFile = join(dir, 'initial-password');
  await rm(making, { recursive: true, force: true });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user) await chown(passwordFile, user.uid, user.gid);
  const as = { ...(user ?? {}), cwd: dir, env: environment(home), timeout: 120_000 };
  const flags = [
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    `--username=${USER}`,
    `--pwfile=${passwordFile}`,
    '--no-instructions',
  ];
  try {
    await run(join(home, 'bin', 'initdb'), ['-D', making, ...flags, ...(throwaway ? ['--no-sync'] : [])], as);
    const single = run(join(home, 'bin', 'postgres'), ['--single', '-D', making, 'postgres'], as);
    single.child.stdin?.end(`create database ${DATABASE};\n`);
    await single;
    await rename(making, dataDir);
  } catch (error) {
    const said = /** @type {{ stderr?: string }} */ (error).stderr?.trim() ?? '';
    if (/No space left on device/.test(said)) throw Object.assign(new Error(said), { code: 'ENOSPC', path: dir });
    throw new Problem(`The database could not be made in ${dir}: ${said || /** @type {Error} */ (error).message}`);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** @param {string} dataDir @param {string} major */
async function refuseOtherMajor(dataDir, major) {
  const found = (await readFile(join(dataDir, 'PG_VERSION'), 'utf8').catch(() => major)).trim();
  if (found === major) return;
  throw new Problem(
    `The data in ${dataDir} was written by Postgres ${found}; this Slipway comes with Postgres ${major}, which can't read it. Nothing was changed. Dump it with the Slipway that wrote it (pg_dump) and load it into a new data folder, or run a Postgres ${found} of your own on it and set DATABASE_URL.`,
  );
}

/** Kept for as long as the data: it is the password inside it. @param {string} dir */
async function readOrMakePassword(dir) {
  const file = join(dir, 'password');
  const known = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (known) return known;
  if (await exists(join(dir, 'data', 'PG_VERSION')))
    throw new Problem(
      `The data folder is broken: ${file} is missing, and the database beside it can't be opened without it. Restore the file from a backup.`,
    );
  const password = randomBytes(24).toString('base64url');
  await writeFile(file, password, { mode: 0o600 });
  return password;
}

/** Line 8 of postmaster.pid says "ready" once connections are taken. @param {string} dataDir @param {number} pid */
async function postmasterReady(dataDir, pid) {
  const lines = (await readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  return lines[0]?.trim() === String(pid) && lines[7]?.trim() === 'ready';
}

/** @param {string} dir @param {{ uid: number, gid: number } | null} user */
async function ownedFolder(dir, user) {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  if (user) await chown(dir, user.uid, user.gid);
}

/** @param {string} home */
const environment = (home) => ({ PATH: '/usr/bin:/bin', LANG: 'C', LC_ALL: 'C', TZ: 'UTC', LD_LIBRARY_PATH: join(home, 'lib') });

/** @param {string} path */
const exists = (path) =>
  readFile(path).then(
    () => true,
    () => false,
  );
