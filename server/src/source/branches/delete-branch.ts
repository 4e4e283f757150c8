import type { Database } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import { refOfBranch } from './branch-name.js';
import { branchRepository, roleIn } from './branch-repository.js';
import type { BranchDeps } from './create-branch.js';
import { mustResolve } from './revision.js';
import { mayPush } from './rules/branch-rule.js';
import { ruleOfBranch } from './rules/branch-rule.queries.js';
import { ruleForbids } from './rules/rule-forbids.js';

export type DeleteBranch = (repositoryId: string, branch: { name: string; evenWithPullRequests: boolean }, userId: string) => Promise<void>;

/** Only as it was seen: with a commit pushed meanwhile it stays. Its commits stay in any case, as runs and releases name them. */
export function deleteBranchWith({ db, store, changeRefs }: BranchDeps): DeleteBranch {
  return async (repositoryId, { name, evenWithPullRequests }, userId) => {
    const repository = await branchRepository(db, repositoryId);
    const [sha] = await mustResolve(store.folder(repositoryId), [refOfBranch(name)]);
    if (name === repository.defaultBranch) throw isDefault(name);
    const rule = await ruleOfBranch(db, repositoryId, name);
    if (rule && !rule.allowDelete) throw ruleForbids(rule, name, 'delete');
    if (rule && !mayPush(rule, await roleIn(db, repositoryId, userId))) throw ruleForbids(rule, name, 'push');
    if (!evenWithPullRequests) await refuseWithPullRequests(db, repositoryId, name);
    await changeRefs(repository, [{ ref: refOfBranch(name), oldSha: sha, newSha: '0'.repeat(sha.length) }], userId);
  };
}

async function refuseWithPullRequests(db: Database, repositoryId: string, name: string): Promise<void> {
  const open = await db.query<{ number: number; title: string }>(
    `select number, title from pull_requests where repository_id = $1 and state = 'open' and not is_fork and source_branch = $2 order by number`,
    [repositoryId, name],
  );
  if (open.length === 0) return;
  const named = open.map(({ number, title }) => `#${number} "${title}"`).join(', ');
  throw new DomainError(
    'conflict',
    'open_pull_requests',
    `"${name}" is the source of open pull requests: ${named}. Merge or close them first, or delete the branch anyway.`,
    { numbers: open.map(({ number }) => number) },
  );
}

const isDefault = (name: string) =>
  new DomainError(
    'conflict',
    'default_branch',
    `"${name}" is the default branch, which clones check out, so it can't be deleted. Make another branch the default first.`,
  );
