import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HOME } from '../bootstrap/paths.mjs';
import { canReach, OPEN_PLACE } from './postgres-place.mjs';

const NOBODY = { uid: 65_534, gid: 65_534 };

/**
 * Folder for programs that this machine lacks and that are unpacked without being installed. As root it is one that other
 * users can reach: jobs are run by a user of their own.
 * @returns {Promise<string>}
 */
export async function toolsDir() {
  const near = join(HOME, 'tools');
  const closed = process.getuid?.() === 0 && !(await canReach(dirname(HOME), NOBODY));
  const dir = closed ? join(OPEN_PLACE, 'tools') : near;
  mkdirSync(dir, { recursive: true, mode: 0o755 });
  return dir;
}
