import { GitFailed, runGit } from '../../../platform/git.js';
import type { RepositoryStore } from '../repository-store.js';

const SHA = /^[0-9a-f]{40,64}$/;
/** Git's exit code when it doesn't know a commit. */
const FATAL = 128;

/** Commits that `to` has and `from` does not, newest first, at most `limit`; none when the repository lacks one of the two. */
export const commitsBetweenWith = (store: RepositoryStore) => async (repositoryId: string, from: string, to: string, limit: number) => {
  if (!SHA.test(from) || !SHA.test(to)) throw new Error(`"${from}" and "${to}" are not both commit ids.`);
  const gitDir = store.folder(repositoryId);
  if (!(await isThere(gitDir, from)) || !(await isThere(gitDir, to))) return [];
  const output = await runGit(['rev-list', `--max-count=${limit}`, '--end-of-options', `${from}..${to}`, '--'], { gitDir });
  return output.split('\n').filter((line) => line !== '');
};

async function isThere(gitDir: string, sha: string): Promise<boolean> {
  try {
    await runGit(['cat-file', '-e', `${sha}^{commit}`], { gitDir });
    return true;
  } catch (error) {
    if (error instanceof GitFailed && (error.exitCode === 1 || error.exitCode === FATAL)) return false;
    throw error;
  }
}
