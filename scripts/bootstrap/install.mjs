import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NODE_MODULES, PINNED_NODE, ROOT, STAMPS } from './paths.mjs';
import { npm } from './run.mjs';
import { say } from './say.mjs';

const LOCK_FILE = join(ROOT, 'package-lock.json');
const STAMP = join(STAMPS, 'installed');
/** One of those that only tests, checks and `npm run dev` need: the `devDependencies`. */
const A_TOOL = join(NODE_MODULES, 'vitest', 'package.json');
const QUIET = ['--no-audit', '--no-fund', '--loglevel=error'];

/**
 * Installs the npm packages if they are missing or not those of package-lock.json. Uses nothing that is not in Node itself.
 * @param {{ tools: boolean }} wanted `tools`: for development too, which `npm start` leaves out where they have never been installed
 * @returns {Promise<boolean>} false: npm failed and has said why
 */
export async function installPackages({ tools }) {
  const why = whyInstall();
  const hasTools = existsSync(A_TOOL);
  if (why !== null) {
    say(`installing npm packages, because ${why} (about a minute the first time)`);
    if ((await npm(['ci', ...(tools || hasTools ? [] : ['--omit=dev']), ...QUIET])) !== 0) return false;
  } else if (tools && !hasTools) {
    // Beside those that are there, as a Slipway may be running on them; as package-lock.json has them.
    say('installing the npm packages for development');
    if ((await npm(['install', '--no-save', ...QUIET])) !== 0) return false;
  } else return true;
  stampInstalled();
  return true;
}

/** @returns {string | null} null: what `npm start` needs is there */
export function whyInstall() {
  const npmsOwnList = join(NODE_MODULES, '.package-lock.json');
  if (!existsSync(npmsOwnList)) return 'none are installed yet';
  if (!existsSync(PINNED_NODE)) return 'the pinned Node.js is missing';
  if (readStamp() === lockHash()) return null;
  // Installed by hand after the lock file changed: npm writes its list last.
  if (statSync(npmsOwnList).mtimeMs >= statSync(LOCK_FILE).mtimeMs) {
    stampInstalled();
    return null;
  }
  return 'package-lock.json has changed';
}

const lockHash = () => createHash('sha256').update(readFileSync(LOCK_FILE)).digest('hex');
const readStamp = () => (existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : '');

function stampInstalled() {
  mkdirSync(STAMPS, { recursive: true });
  writeFileSync(STAMP, lockHash());
}
