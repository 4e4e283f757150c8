import type { Database } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import type { RepositoryStore } from '../repositories/repository-store.js';
import { checkBranchName, refOfBranch } from './branch-name.js';
import { branchRepository, roleIn } from './branch-repository.js';
import type { ChangeRefs } from './change-refs.js';
import type { CreateBranch } from './ports.js';
import { mustResolve, resolveRevisions } from './revision.js';
import { mayPush } from './rules/branch-rule.js';
import { ruleOfBranch } from './rules/branch-rule.queries.js';
import { ruleForbids } from './rules/rule-forbids.js';

export type BranchDeps = { db: Database; store: RepositoryStore; changeRefs: ChangeRefs };

/** See {@link CreateBranch}. The ref is made only where there is none, so of two at once one gets it. */
export function createBranchWith({ db, store, changeRefs }: BranchDeps): CreateBranch {
  return async (repositoryId, { name, from }, userId) => {
    checkBranchName(name);
    const repository = await branchRepository(db, repositoryId);
    const rule = await ruleOfBranch(db, repositoryId, name);
    if (rule && !mayPush(rule, await roleIn(db, repositoryId, userId))) throw ruleForbids(rule, name, 'push');
    const start = from ?? repository.defaultBranch;
    if (start === null) throw nothingToStartFrom();
    const gitDir = store.folder(repositoryId);
    const [sha] = await mustResolve(gitDir, [start]);
    const [there] = await resolveRevisions(gitDir, [refOfBranch(name)]);
    if (there) throw branchExists(name);
    await changeRefs(repository, [{ ref: refOfBranch(name), oldSha: '0'.repeat(sha.length), newSha: sha }], userId).catch((error) => {
      throw error instanceof DomainError && error.code === 'ref_moved' ? branchExists(name) : error;
    });
    return { name, sha };
  };
}

const branchExists = (name: string) =>
  new DomainError('conflict', 'branch_exists', `There is already a branch "${name}". Choose another name, or use that one.`);

const nothingToStartFrom = () =>
  new DomainError(
    'conflict',
    'repository_empty',
    'Nothing has been pushed to this repository yet. Push a first branch; then you can make others here.',
  );
