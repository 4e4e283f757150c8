import type { Database } from '../../platform/database.js';
import { DomainError, notFound } from '../../platform/errors.js';
import type { CompiledPipeline, PipelineProblem } from '../pipelines/pipeline.js';
import type { NewRun, StartRun } from './ports.js';

export type BranchPipeline = { branch: string; ref: string; sha: string; pipeline: CompiledPipeline | null; problems: PipelineProblem[] };

export type TriggerRunDeps = {
  database: Database;
  startRun: StartRun;
  /** The pipeline at a branch or tag; of the default branch when none is named. Throws when there is no such one. */
  pipelineForBranch(repositoryId: string, branch: string | null): Promise<BranchPipeline>;
};

/** The head of a branch, and the pipeline to run there. */
export type BranchHead = BranchPipeline & { projectId: string; repositoryId: string };

/** Starts a run of a branch or tag by hand, with all of its jobs: filters are for what happens by itself. @returns its id */
export async function triggerRun(deps: TriggerRunDeps, repositoryId: string, branch: string | null, userId: string): Promise<string> {
  const head = await headToRun(deps, repositoryId, branch);
  const { runId } = await deps.database.transaction((tx) => deps.startRun(tx, runAt(head, userId)));
  return runId;
}

/** The branch's head, the default one's unless named. @throws DomainError where runs by hand are not allowed */
export async function headToRun(deps: TriggerRunDeps, repositoryId: string, branch: string | null): Promise<BranchHead> {
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
  return { ...head, projectId: repository.projectId, repositoryId };
}

/** @throws DomainError when the pipeline can't be read: for those who want a part of it, there is nothing to show */
export function pipelineOf(head: BranchHead): CompiledPipeline {
  if (head.pipeline) return head.pipeline;
  const [problem] = head.problems;
  const where = problem
    ? `${problem.file}${problem.line === null ? '' : `, line ${problem.line}`}: ${problem.message} ${problem.remedy}`
    : '';
  throw new DomainError('conflict', 'pipeline_invalid', `The pipeline of "${head.branch}" can't be read. ${where}`.trimEnd());
}

/** A run of that head, by hand. */
export const runAt = (head: BranchHead, userId: string): NewRun => ({
  projectId: head.projectId,
  repositoryId: head.repositoryId,
  branch: head.branch,
  ref: head.ref,
  commitSha: head.sha,
  trigger: 'manual',
  triggeredBy: userId,
  pushId: null,
  pipeline: head.pipeline,
  problems: head.problems,
});
