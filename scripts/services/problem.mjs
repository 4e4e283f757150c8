/** Something that the person who started Slipway can fix: its message is shown as it is, without a stack. */
export class Problem extends Error {
  /** @override */
  name = 'Problem';
}

/** @type {Record<string, (path: string) => string>} */
const CODES = {
  ENOSPC: (path) =>
    `The disk is full: nothing more can be written to ${path}. Free some space or set SLIPWAY_DATA_DIR to another disk, then start again.`,
  EROFS: (path) => `${path} is on a read-only file system. Set SLIPWAY_DATA_DIR to a folder that can be written to.`,
  EACCES: (path) => `This user may not use ${path}. Set SLIPWAY_DATA_DIR to a folder that it may write to.`,
  EPERM: (path) => `This user may not use ${path}. Set SLIPWAY_DATA_DIR to a folder that it may write to.`,
  ENOTDIR: (path) =>
    `${path} can't be used: part of that path is a file, not a folder. Set SLIPWAY_DATA_DIR to a folder, or move the file away.`,
  EEXIST: (path) =>
    `${path} can't be used: something that is not a folder is in its place. Move it away, or set SLIPWAY_DATA_DIR to another folder.`,
};

/**
 * What a failed file operation means to a person; other errors stay as they are.
 * @param {unknown} error
 * @param {string} path where it happened, if the error does not say
 * @returns {unknown}
 */
export function asProblem(error, path) {
  const failed = /** @type {{ code?: string, path?: string }} */ (error ?? {});
  const explain = failed.code ? CODES[failed.code] : undefined;
  return explain && !(error instanceof Problem) ? new Problem(explain(failed.path ?? path)) : error;
}
