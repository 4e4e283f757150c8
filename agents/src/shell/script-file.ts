import { chown, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SandboxUser } from '../sandbox/sandbox.js';

/**
 * Writes a script that `user` alone can read. As a file, because one argument of a program may have no more than 128 KiB.
 * @param folder the agent's own: nobody else can put a link there
 */
export async function writeScript(folder: string, name: string, text: string, user: SandboxUser): Promise<void> {
  const path = join(folder, name);
  await rm(path, { force: true });
  await writeFile(path, text, { mode: 0o400, flag: 'wx' });
  if (user) await chown(path, user.uid, user.gid);
}
