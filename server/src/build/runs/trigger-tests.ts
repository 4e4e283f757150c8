import { DomainError } from '../../platform/errors.js';
import { onlyTests } from '../pipelines/part-of-pipeline.js';
import type { TestType } from '../pipelines/pipeline.js';
import { type BranchHead, headToRun, pipelineOf, runAt, type TriggerRunDeps } from './trigger-run.js';

/** Starts a run of a branch's head with the test jobs of one type, and what they need. */
export async function triggerTests(
  deps: TriggerRunDeps,
  repositoryId: string,
  branch: string,
  type: TestType,
  userId: string,
): Promise<{ runId: string; number: number; tests: number }> {
  const head = await headToRun(deps, repositoryId, branch);
  const pipeline = onlyTests(pipelineOf(head), type);
  if (!pipeline) throw noSuchTests(head, type);
  const run = await deps.database.transaction((tx) => deps.startRun(tx, { ...runAt(head, userId), pipeline, partial: true }));
  return { ...run, tests: pipeline.jobs.filter((job) => job.kind === 'test' && job.testType === type).length };
}

function noSuchTests({ branch, pipeline }: BranchHead, type: TestType): DomainError {
  const there = [...new Set(pipeline?.jobs.flatMap((job) => job.testType ?? []))];
  const has = there.length === 0 ? 'no test jobs' : `only test jobs of type ${there.join(' and ')}`;
  return new DomainError(
    'conflict',
    'no_such_tests',
    `The pipeline of "${branch}" has ${has}. Give a job in .slipway.yml the keys "kind: test" and "test-type: ${type}", then push.`,
  );
}
