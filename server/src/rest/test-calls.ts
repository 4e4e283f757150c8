import { z } from 'zod';
import type { TestType } from '../build/pipelines/pipeline.js';
import type { RunQueries } from '../build/runs/run.queries.js';
import type { Access } from '../people/access/access.js';
import { notFound } from '../platform/errors.js';
import { type Call, defineCall } from './call.js';
import { branchName, idOf, message, projectChoice, repoUrl } from './fields.js';
import type { FindRepository } from './find-repository.js';
import { AMBIGUOUS, authoriseAs, MANUAL_NOT_ALLOWED, NO_BRANCH, NO_REPOSITORY, PIPELINE_INVALID } from './refusals.js';
import { type TestJobQueries, TestResults, testResults } from './test-results.js';

export type TestCallsDeps = {
  access: Access;
  findRepository: FindRepository;
  runs: Pick<RunQueries, 'byId'>;
  jobs: TestJobQueries;
  triggerTests(
    repositoryId: string,
    branch: string,
    type: TestType,
    userId: string,
  ): Promise<{ runId: string; tests: number; number: number }>;
};

export const testCalls = (deps: TestCallsDeps): Call[] => [trigger(deps), results(deps)];

const testId = idOf('a test run', 'Id of the test run. Any run of a pipeline works, also one that a push started.');

const trigger = ({ findRepository, triggerTests }: TestCallsDeps) =>
  defineCall({
    method: 'POST',
    path: '/tests/trigger',
    group: 'Tests',
    summary: 'Run tests',
    description:
      'Starts a run at the head of a branch with the test jobs of one type and the jobs that they need, directly or indirectly; all other jobs of the pipeline are left out. A job of "kind: test" gives its type with "test-type"; without it, the type is unit.',
    permission: 'run.trigger',
    status: 201,
    input: z.strictObject({
      repo_url: repoUrl,
      branch_name: branchName,
      test_type: z
        .enum(['unit', 'integration', 'e2e'], { error: 'unit, integration or e2e' })
        .meta({ description: 'Which tests.', examples: ['unit'] }),
      project_id: projectChoice,
    }),
    answer: z.strictObject({ message, test_id: testId }),
    refusals: [
      NO_REPOSITORY,
      NO_BRANCH,
      AMBIGUOUS,
      { status: 409, code: 'no_such_tests', why: 'The pipeline has no test job of this type.' },
      MANUAL_NOT_ALLOWED,
      PIPELINE_INVALID,
    ],
    run: async ({ repo_url, branch_name, test_type, project_id }, caller) => {
      const { id } = await findRepository({ url: repo_url, projectId: project_id }, 'run.trigger', caller);
      const { runId, number, tests } = await triggerTests(id, branch_name, test_type, caller.actor.userId);
      const what = tests === 1 ? `a ${test_type} test job` : `${tests} ${test_type} test jobs`;
      return { message: `Run #${number} was started with ${what} of "${branch_name}".`, test_id: runId };
    },
  });

const results = ({ access, runs, jobs }: TestCallsDeps) =>
  defineCall({
    method: 'GET',
    path: '/tests/results',
    group: 'Tests',
    summary: 'Get test results',
    description: 'Where a test run stands, and what is known of its test cases so far.',
    permission: 'project.read',
    status: 200,
    input: z.strictObject({ test_id: testId }),
    answer: TestResults,
    refusals: [{ status: 404, code: 'test_not_found', why: 'There is no such test run that you may see.' }],
    run: async ({ test_id }, caller) => {
      await authoriseAs(access, caller, 'project.read', { thing: 'run', id: test_id }, 'test');
      const run = await runs.byId(test_id);
      if (!run) throw notFound('test', test_id);
      return testResults(jobs, run, caller.origin);
    },
  });
