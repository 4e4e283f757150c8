import { runGit } from '../../../platform/git.js';
import type { RepositoryStore } from '../repository-store.js';

const SHA = /^[0-9a-f]{40,64}$/;

/** Commits that `to` has and `from` has not, newest first, at most `limit`. */
export const commitsBetweenWith = (store: RepositoryStore) => async (repositoryId: string, from: string, to: string, limit: number) => {
  if (!SHA.test(from) || !SHA.test(to)) throw new Error(`"${from}" and "${to}" are not both commit ids.`);
  const output = await runGit(['rev-list', `--max-count=${limit}`, '--end-of-options', `${from}..${to}`, '--'], {
    cwd: store.folder(repositoryId),
  });
  return output.split('\n').filter((line) => line !== '');
};
