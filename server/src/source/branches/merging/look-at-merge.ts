import type { Role } from '../../../people/access/actor.js';
import type { Database } from '../../../platform/database.js';
import type { RepositoryStore } from '../../repositories/repository-store.js';
import { refOfBranch } from '../branch-name.js';
import { type BranchRepository, branchRepository, roleIn } from '../branch-repository.js';
import { mergeBase } from '../comparing/compare-revisions.js';
import { mustResolve } from '../revision.js';
import { type BranchRule, mayMerge } from '../rules/branch-rule.js';
import { ruleOfBranch } from '../rules/branch-rule.queries.js';
import { type MissingCheck, missingChecks } from './required-jobs.js';

/** How a merge stands at this moment: which commits it is about, and what its target's rule says. */
export type MergeLook = {
  repository: BranchRepository;
  gitDir: string;
  sourceSha: string;
  targetSha: string;
  /** null: the histories have nothing in common. */
  mergeBaseSha: string | null;
  rule: BranchRule | undefined;
  role: Role | null;
  allowed: boolean;
  missing: MissingCheck[];
};

export type LookDeps = { db: Database; store: RepositoryStore };

/** @throws DomainError when there is no such branch */
export async function lookAtMerge(
  { db, store }: LookDeps,
  repositoryId: string,
  { source, target }: { source: string; target: string },
  userId: string,
): Promise<MergeLook> {
  const repository = await branchRepository(db, repositoryId);
  const gitDir = store.folder(repositoryId);
  const [sourceSha, targetSha] = await mustResolve(gitDir, [source, refOfBranch(target)] as const);
  const [rule, role, mergeBaseSha] = await Promise.all([
    ruleOfBranch(db, repositoryId, target),
    roleIn(db, repositoryId, userId),
    mergeBase(gitDir, targetSha, sourceSha),
  ]);
  const missing = await missingChecks(db, repositoryId, sourceSha, rule?.requiredJobs ?? []);
  return { repository, gitDir, sourceSha, targetSha, mergeBaseSha, rule, role, allowed: mayMerge(rule, role), missing };
}

export const isUpToDate = ({ mergeBaseSha, sourceSha }: MergeLook): boolean => mergeBaseSha === sourceSha;
export const canFastForward = ({ mergeBaseSha, targetSha }: MergeLook): boolean => mergeBaseSha === targetSha;
