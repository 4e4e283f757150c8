import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from './problem.mjs';

/** @param {Buffer} bytes @param {string} sha256 @param {string} name @param {string} instead what a person can do about it */
export function refuseForgery(bytes, sha256, name, instead) {
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === sha256) return;
  throw new Problem(
    `${name} was fetched, but it is not the file that Slipway expects (SHA-256 ${found} instead of ${sha256}), so it is not run. ${instead}`,
  );
}

/**
 * A folder in `dir` to fetch into and to unpack in, gone afterwards: what is kept is moved out of it.
 * @template T @param {string} dir @param {(scratch: string) => Promise<T>} work @returns {Promise<T>}
 */
export async function inScratch(dir, work) {
  const scratch = await mkdtemp(join(dir, '.fetching-'));
  try {
    return await work(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
