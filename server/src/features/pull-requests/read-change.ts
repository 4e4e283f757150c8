import { GitFailed, runGit } from '../../platform/git.js';
import type { ChangedPaths } from '../pipelines/decide-run.js';

const MAX_PATHS_BYTES = 1024 * 1024;
const MAX_MESSAGE_BYTES = 64 * 1024;

/** What a pull request brings, as filters of pipelines look at it. */
export async function readChange(gitDir: string, of: { baseSha: string; mergeSha: string; headSha: string }) {
  return { message: await messageOf(gitDir, of.headSha), changedPaths: await pathsBetween(gitDir, of.baseSha, of.mergeSha) };
}

/** A name that was moved counts at both places. Too many names for reading: null, all of them count. */
async function pathsBetween(gitDir: string, from: string, to: string): Promise<ChangedPaths> {
  try {
    const names = await runGit(['diff-tree', '-r', '-z', '--name-only', '--no-renames', from, to], { gitDir, maxBytes: MAX_PATHS_BYTES });
    return names.split('\0').filter(Boolean);
  } catch (error) {
    if (error instanceof GitFailed && error.exitCode === null) return null;
    throw error;
  }
}

async function messageOf(gitDir: string, sha: string): Promise<string> {
  return (await runGit(['show', '-s', '--format=%B', sha], { gitDir })).slice(0, MAX_MESSAGE_BYTES).trim();
}
