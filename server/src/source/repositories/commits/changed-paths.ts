import type { ChangedPaths } from '../../../build/pipelines/run-event.js';
import { GitFailed, runGit, streamGit } from '../../../platform/git.js';
import { gitRecords } from '../../../platform/git-records.js';

const MOST_PATHS = 10_000;
const MOST_CHARACTERS = 4 * 1024 * 1024;
const TIMEOUT_MS = 10_000;

/**
 * Files that differ between two commits, a renamed one by both of its names. null when they are more than 10,000, or their
 * names than 4 MiB, take longer than 10 s to find, or one of the commits isn't there: all of them count then.
 */
export async function changedPaths(gitDir: string, from: string, to: string): Promise<ChangedPaths> {
  const args = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', '--end-of-options', from, to];
  const paths: string[] = [];
  let characters = 0;
  try {
    for await (const path of gitRecords(streamGit(args, { gitDir, timeoutMs: TIMEOUT_MS }), { end: '\0', most: MOST_CHARACTERS })) {
      paths.push(path);
      characters += path.length;
      if (paths.length > MOST_PATHS || characters >= MOST_CHARACTERS) return null;
    }
  } catch (error) {
    if (error instanceof GitFailed) return null;
    throw error;
  }
  return paths;
}

/** Where the histories of two commits part; null when they share nothing. */
export async function mergeBase(gitDir: string, one: string, other: string): Promise<string | null> {
  try {
    return (await runGit(['merge-base', '--end-of-options', one, other], { gitDir })).trim() || null;
  } catch (error) {
    if (error instanceof GitFailed && error.exitCode === 1) return null;
    throw error;
  }
}
