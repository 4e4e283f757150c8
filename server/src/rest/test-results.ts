import type { TestCounts } from '@slipway/protocol';
import { z } from 'zod';
import type { JobQueries, JobView, TestCaseView } from '../build/jobs/job.queries.js';
import { JOB_STATES } from '../build/jobs/job-state.js';
import type { RunView } from '../build/runs/run.queries.js';
import type { RunState } from '../build/runs/run-state.js';

const MAX_FAILURES = 100;

const TEST_STATUSES = ['queued', 'running', 'passed', 'failed', 'cancelled', 'invalid'] as const;
type TestStatus = (typeof TEST_STATUSES)[number];

/** What a run's state is called here. */
const STATUS_OF: Record<RunState, TestStatus> = {
  pending: 'queued',
  running: 'running',
  succeeded: 'passed',
  failed: 'failed',
  cancelled: 'cancelled',
  invalid: 'invalid',
};

const count = (description: string) => z.int().meta({ description, examples: [0] });
const nullable = (description: string) => z.string().nullable().meta({ description });

const FailedTest = z.strictObject({
  job: z.string().meta({ description: 'Name of its job.' }),
  suite: z.string().meta({ description: 'Name of its suite in the report.' }),
  name: z.string().meta({ description: 'Its name in the report.' }),
  file: nullable('The file that it is in, if the report says so.'),
  message: nullable('What went wrong, in a sentence.'),
});
const TestJob = z.strictObject({
  name: z.string().meta({ description: 'Its name in the pipeline.' }),
  kind: z.enum(['build', 'test', 'deploy']).meta({ description: 'What it does.' }),
  state: z.enum(JOB_STATES).meta({ description: 'Where it stands.' }),
  message: nullable('Why it waits, or why it ended as it did.'),
});

export const TestResults = z.strictObject({
  test_id: z.string().meta({ description: 'Id of the test run.', examples: ['0198f3c2-6d1e-7a34-9b0c-5f2e8d71a640'] }),
  status: z.enum(TEST_STATUSES).meta({
    description:
      'passed, failed, cancelled and invalid (the pipeline could not be read) are final, unless somebody retries a job. failed: a job of the run failed, possibly a build that the tests need.',
    examples: ['passed'],
  }),
  coverage: z
    .number()
    .nullable()
    .meta({
      description: 'Line coverage in percent. Always null: this version of Slipway records no coverage.',
      examples: [null],
    }),
  details: z.strictObject({
    summary: z.string().meta({ description: 'The result in a sentence.', examples: ['42 passed, 0 failed, 1 skipped.'] }),
    passed: count('Test cases that passed.'),
    failed: count('Test cases that failed.'),
    skipped: count('Test cases that were skipped.'),
    failed_tests: z.array(FailedTest).meta({ description: `The first ${MAX_FAILURES} that failed.` }),
    jobs: z.array(TestJob).meta({ description: 'The jobs of the run.' }),
    branch: z.string().meta({ description: 'The branch that was tested.', examples: ['main'] }),
    commit: z.string().meta({ description: 'The commit that was tested.' }),
    link: z.string().meta({ description: 'Address of the run on the page.' }),
  }),
});
type TestResults = z.output<typeof TestResults>;

export type TestJobQueries = Pick<JobQueries, 'ofRuns' | 'testSummaries' | 'failedTests'>;

export async function testResults(queries: TestJobQueries, run: RunView, origin: string): Promise<TestResults> {
  const jobs = (await queries.ofRuns([run.id])).flat();
  const summaries = await queries.testSummaries(jobs.map((job) => job.id));
  const failing = jobs.filter((_job, index) => (summaries[index]?.failed ?? 0) > 0);
  const failed = await Promise.all(failing.map((job) => failuresOf(queries, job)));
  const counts = sum(summaries);
  return {
    test_id: run.id,
    status: STATUS_OF[run.state],
    coverage: null,
    details: {
      summary: summaryOf(run, counts),
      ...counts,
      failed_tests: failed.flat().slice(0, MAX_FAILURES),
      jobs: jobs.map(({ name, kind, state, message }) => ({ name, kind, state, message })),
      branch: run.branch,
      commit: run.commitSha,
      link: `${origin}/runs/${run.id}`,
    },
  };
}

async function failuresOf(queries: TestJobQueries, job: JobView) {
  const cases = await queries.failedTests(job.id, MAX_FAILURES);
  return cases.map(({ suite, name, file, message }: TestCaseView) => ({ job: job.name, suite, name, file, message }));
}

function sum(summaries: readonly (TestCounts | null)[]): TestCounts {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const summary of summaries) {
    total.passed += summary?.passed ?? 0;
    total.failed += summary?.failed ?? 0;
    total.skipped += summary?.skipped ?? 0;
  }
  return total;
}

function summaryOf({ state, problems }: RunView, { passed, failed, skipped }: TestCounts): string {
  if (state === 'invalid') return `The pipeline could not be read. ${problems[0]?.message ?? ''}`.trimEnd();
  if (passed + failed + skipped === 0)
    return 'No test cases were recorded; see the jobs. Name the report files under "reports" in .slipway.yml.';
  return `${passed} passed, ${failed} failed, ${skipped} skipped.`;
}
