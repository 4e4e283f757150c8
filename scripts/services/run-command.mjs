import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Standard output of a program; null when it is not there, fails or takes too long: the caller has another way.
 * @param {string} command @param {string[]} args @param {{ cwd?: string, timeoutMs?: number }} [options]
 * @returns {Promise<string | null>}
 */
export async function tryCommand(command, args, { cwd, timeoutMs = 120_000 } = {}) {
  try {
    return (await run(command, args, { cwd, timeout: timeoutMs, maxBuffer: 16 * 1024 * 1024 })).stdout;
  } catch {
    return null;
  }
}

/**
 * Where a program lies on the PATH; null when it is not there.
 * @param {string} name @param {string[]} [besides] folders to look into after it
 */
export const onPath = (name, besides = []) => allOnPath(name, besides)[0] ?? null;

/**
 * Every place where a program lies, the first one first: it may be older than is needed, and a later one may not.
 * @param {string} name @param {string[]} [besides] folders to look into after the PATH
 */
export const allOnPath = (name, besides = []) => [
  ...new Set(
    [...(process.env.PATH ?? '').split(delimiter), ...besides]
      .filter(Boolean)
      .map((folder) => join(folder, name))
      .filter(isExecutable),
  ),
];

/** @param {string} file */
export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
