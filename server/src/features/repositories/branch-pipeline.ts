import type { Database } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import type { CompiledPipeline, PipelineProblem } from '../pipelines/pipeline.js';
import type { ReadPipeline } from './pushes/decide-push.js';
import type { RepositoryStore } from './repository-store.js';

export type BranchPipeline = { branch: string; sha: string; pipeline: CompiledPipeline | null; problems: PipelineProblem[] };

/** The pipeline at the head of a branch as recorded, of the default branch when none is named. */
export function pipelineForBranchWith(deps: { db: Database; store: RepositoryStore; readPipeline: ReadPipeline }) {
  return async (repositoryId: string, branch: string | null): Promise<BranchPipeline> => {
    const [head] = await deps.db.query<{ branch: string; sha: string }>(
      `select b.name as branch, b.head_sha as sha from branches b join repositories r on r.id = b.repository_id
       where r.id = $1 and b.name = coalesce($2, r.default_branch)`,
      [repositoryId, branch],
    );
    if (!head) throw noSuchBranch(branch);
    return { ...head, ...(await deps.readPipeline(deps.store.folder(repositoryId), head.sha)) };
  };
}

function noSuchBranch(branch: string | null): DomainError {
  if (branch === null)
    return new DomainError(
      'conflict',
      'repository_empty',
      'Nothing has been pushed to this repository yet. Push a branch first; that starts a run by itself.',
    );
  return new DomainError(
    'not_found',
    'branch_not_found',
    `There is no branch "${branch}" in this repository. Check its name, or push it first.`,
  );
}
