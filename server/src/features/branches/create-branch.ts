import type { Database } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import { GitFailed, runGit } from '../../platform/git.js';
import type { PushIngest } from '../repositories/pushes/ingest-pushes.js';
import type { RepositoryStore } from '../repositories/repository-store.js';
import type { CreateBranch } from './ports.js';

export type CreateBranchDeps = { db: Database; store: RepositoryStore; pushes: Pick<PushIngest, 'ingest'> };

/** See {@link CreateBranch}. Moves a ref as a push does: the journal makes the branch's row, and a run where the pipeline says so. */
export function createBranchWith({ db, store, pushes }: CreateBranchDeps): CreateBranch {
  return async (repositoryId, { name, from }, userId) => {
    const gitDir = store.folder(repositoryId);
    await mustBeName(gitDir, name);
    const [repository] = await db.query<{ branch: string | null }>('select default_branch as branch from repositories where id = $1', [
      repositoryId,
    ]);
    const start = from ?? repository?.branch;
    if (!start) throw nothingToStartFrom();
    const sha = await commitOf(gitDir, start);
    await makeRef(gitDir, name, sha, store.writing(userId));
    await pushes.ingest(repositoryId);
    return { name, sha };
  };
}

async function mustBeName(gitDir: string, name: string): Promise<void> {
  const bad = new DomainError(
    'bad_input',
    'bad_branch_name',
    `"${name}" can't be the name of a branch. Choose another, like "feature/login".`,
  );
  if (name.startsWith('-') || name.startsWith('refs/')) throw bad;
  await runGit(['check-ref-format', `refs/heads/${name}`], { gitDir }).catch((error) => {
    throw error instanceof GitFailed ? bad : error;
  });
}

async function commitOf(gitDir: string, from: string): Promise<string> {
  const names = [`refs/heads/${from}`, `refs/tags/${from}`, ...(/^[0-9a-f]{7,64}$/.test(from) ? [from] : [])];
  const input = names.map((name) => `${name}^{commit}\n`).join('');
  const answers = await runGit(['cat-file', '--batch-check=%(objectname) %(objecttype)'], { gitDir, input });
  const found = answers.split('\n').find((answer) => answer.endsWith(' commit'));
  if (found) return found.split(' ')[0] ?? '';
  throw new DomainError(
    'not_found',
    'revision_not_found',
    `This repository has no branch, tag or commit "${from}". It may have been deleted since; check the name.`,
  );
}

async function makeRef(gitDir: string, name: string, sha: string, writing: ReturnType<RepositoryStore['writing']>): Promise<void> {
  try {
    await runGit(['update-ref', `refs/heads/${name}`, sha, '0'.repeat(sha.length)], { gitDir, ...writing });
  } catch (error) {
    throw error instanceof GitFailed ? branchExists(name) : error;
  }
}

const branchExists = (name: string) =>
  new DomainError(
    'conflict',
    'branch_exists',
    `There is a branch "${name}" already, or one whose name stands in its way. Choose another name.`,
  );

const nothingToStartFrom = () =>
  new DomainError('conflict', 'repository_empty', 'Nothing has been pushed to this repository yet. Push a first branch.');
