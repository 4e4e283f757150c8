import { chmod, chown, cp, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Where root keeps what the user `postgres` must reach, when the place asked for is closed to it. */
export const OPEN_PLACE = '/var/lib/slipway';
/** Of a Unix socket's path on Linux, less the name that Postgres adds. */
const MAX_SOCKET_DIR_BYTES = 85;

/** @typedef {{ uid: number, gid: number } | null} User null: ourselves */

/**
 * Whether `user` may walk down to this folder.
 * @param {string} path @param {User} user
 * @returns {Promise<boolean>}
 */
export async function canReach(path, user) {
  if (!user) return true;
  for (let at = path; ; at = dirname(at)) {
    const found = await stat(at).catch(() => null);
    if (found && !maySearch(found, user)) return false;
    if (at === dirname(at)) return true;
  }
}

/** @param {import('node:fs').Stats} folder @param {{ uid: number, gid: number }} user */
function maySearch(folder, user) {
  if (folder.uid === user.uid) return (folder.mode & 0o100) !== 0;
  if (folder.gid === user.gid) return (folder.mode & 0o010) !== 0;
  return (folder.mode & 0o001) !== 0;
}

/**
 * Postgres's programs, in a place its user can reach: as they are installed, or a copy (e.g. for a checkout under /root).
 * @param {string} home @param {string} version @param {User} user @param {(message: string) => void} say
 */
export async function reachableHome(home, version, user, say) {
  if (await canReach(home, user)) return home;
  const copy = join(OPEN_PLACE, `postgres-${version}`);
  if (await stat(copy).catch(() => null)) return copy;
  say(`${home} is not readable for the user "postgres"; copying Postgres to ${copy}`);
  await mkdir(OPEN_PLACE, { recursive: true, mode: 0o755 });
  const making = await mkdtemp(`${copy}.`);
  await cp(home, making, { recursive: true, verbatimSymlinks: true });
  await chmod(making, 0o755);
  await rename(making, copy).catch(() => rm(making, { recursive: true }));
  return copy;
}

/**
 * Sockets have short paths; a deep data folder gets its socket in the system's temporary folder.
 * @param {string} dir @param {User} user
 */
export async function socketFolder(dir, user) {
  const near = join(dir, 'socket');
  const folder = Buffer.byteLength(near) <= MAX_SOCKET_DIR_BYTES ? near : await mkdtemp(join(tmpdir(), 'slipway-postgres-'));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (user) await chown(folder, user.uid, user.gid);
  return folder;
}
