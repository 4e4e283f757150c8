import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';

const RETRIES = 5;

/**
 * Removes a folder in which strangers wrote. Node.js names each file by its whole path and fails where that is longer than the
 * kernel takes; `rm` walks from folder to folder, so no depth is out of its reach.
 */
export async function removeTree(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true, maxRetries: RETRIES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENAMETOOLONG') throw error;
    await promisify(execFile)('rm', ['-rf', '--', folder]);
  }
}
