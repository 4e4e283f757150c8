import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';

const RETRIES = 5;
const run = promisify(execFile);

/**
 * Removes a folder in which strangers wrote. Node.js names each file by its whole path and fails where that is longer than the
 * kernel takes; `rm` walks from folder to folder, so no depth is out of its reach. Folders that their owner closed to itself are
 * opened first, for an agent that is not root.
 */
export async function removeTree(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true, maxRetries: RETRIES });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') await run('find', [folder, '-type', 'd', '-exec', 'chmod', 'u+rwx', '{}', ';']);
    else if (code !== 'ENAMETOOLONG') throw error;
    await run('rm', ['-rf', '--', folder]);
  }
}
