import type { Database } from '../../platform/database.js';
import { DomainError, notFound } from '../../platform/errors.js';
import type { CompiledPipeline, PipelineProblem } from '../pipelines/pipeline.js';
import type { StartRun } from './ports.js';

export type BranchPipeline = { branch: string; ref: string; sha: string; pipeline: CompiledPipeline | null; problems: PipelineProblem[] };

export type TriggerRunDeps = {
  database: Database;
  startRun: StartRun;
  /** The pipeline at a branch or tag; of the default branch when none is named. Throws when there is no such one. */
  pipelineForBranch(repositoryId: string, branch: string | null): Promise<BranchPipeline>;
};

/** Starts a run of a branch or tag by hand, with all of its jobs: filters are for what happens by itself. @returns its id */
export async function triggerRun(deps: TriggerRunDeps, repositoryId: string, branch: string | null, userId: string): Promise<string> {
  const [repository] = await deps.database.query<{ projectId: string }>(
    'select project_id as "projectId" from repositories where id = $1',
    [repositoryId],
  );
  if (!repository) throw notFound('repository', repositoryId);
  const head = await deps.pipelineForBranch(repositoryId, branch);
  if (head.pipeline && !head.pipeline.on.manual) {
    throw new DomainError(
      'conflict',
      'manual_not_allowed',
      `The pipeline of "${head.branch}" does not allow runs by hand. Add "manual" to "on" in ${head.pipeline.source}.`,
    );
  }
  const { runId } = await deps.database.transaction((tx) =>
    deps.startRun(tx, {
      projectId: repository.projectId,
      repositoryId,
      branch: head.branch,
      ref: head.ref,
      commitSha: head.sha,
      trigger: 'manual',
      triggeredBy: userId,
      pushId: null,
      pipeline: head.pipeline,
      problems: head.problems,
    }),
  );
  return runId;
}
