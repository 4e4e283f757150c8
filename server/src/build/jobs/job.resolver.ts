import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Can } from '../../people/access/can.js';
import { DomainError } from '../../platform/errors.js';
import { actorOf, type GraphContext } from '../../platform/http/context.js';
import type { AttemptView, JobQueries, JobView, StepView, TestCaseView, TestSummaryView } from './job.queries.js';
import { AttemptType, JobType, StepType, TestCaseType, TestSummaryType } from './job.type.js';

export type JobResolverDeps = { queries: JobQueries; retryJob(jobId: string, userId: string): Promise<string> };

const MAX_TESTS = 100;
/** As Postgres counts them: a bigint. */
const TEST_ID = /^\d{1,18}$/;

@Resolver(() => JobType)
export class JobResolver {
  constructor(private readonly deps: JobResolverDeps) {}

  @Query(() => JobType, { nullable: true, description: 'A job by its id, retried jobs included.' })
  @Can('project.read', { job: 'id' })
  job(@Arg('id', () => ID) id: string): Promise<JobView | null> {
    return this.deps.queries.byId(id);
  }

  @Mutation(() => JobType, {
    description: 'Retries a job that is over; returns the new job. Jobs that were skipped because of it are retried too.',
  })
  @Can('job.retry', { job: 'id' })
  async retryJob(@Ctx() context: GraphContext, @Arg('id', () => ID) id: string): Promise<JobView | null> {
    return this.deps.queries.byId(await this.deps.retryJob(id, actorOf(context).userId));
  }

  @FieldResolver(() => [StepType], { description: 'Steps of its newest attempt that have begun.' })
  steps(@Root() job: JobView, @Ctx() context: GraphContext): Promise<StepView[]> {
    return context.loader('job.steps', (ids: readonly string[]) => this.deps.queries.steps(ids)).load(job.id);
  }

  @FieldResolver(() => [AttemptType], { description: 'Every try, oldest first.' })
  attempts(@Root() job: JobView, @Ctx() context: GraphContext): Promise<AttemptView[]> {
    return context.loader('job.attempts', (ids: readonly string[]) => this.deps.queries.attempts(ids)).load(job.id);
  }

  @FieldResolver(() => TestSummaryType, { nullable: true, description: 'Counts of its test cases; null if it reported none.' })
  tests(@Root() job: JobView, @Ctx() context: GraphContext): Promise<TestSummaryView | null> {
    return context.loader('job.tests', (ids: readonly string[]) => this.deps.queries.testSummaries(ids)).load(job.id);
  }

  @FieldResolver(() => [TestCaseType], {
    description:
      'Test cases that failed, in the order of the report. `tests` says how many there are, and how many of these are not stored.',
  })
  failedTests(
    @Root() job: JobView,
    @Arg('first', () => Int, { defaultValue: 50, description: '1 to 100.' }) first: number,
    @Arg('after', () => ID, { nullable: true, description: 'Id of the last test case of the previous page.' }) after?: string,
  ): Promise<TestCaseView[]> {
    if (after && !TEST_ID.test(after))
      throw new DomainError(
        'bad_input',
        'bad_cursor',
        `"${after}" is not the id of a test case. Use that of the last case you have, or leave \`after\` out.`,
      );
    return this.deps.queries.failedTests(job.id, Math.min(Math.max(first, 1), MAX_TESTS), after ?? null);
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: 'Median duration of the last successful jobs with its name, in milliseconds; null if there were none.',
  })
  expectedMs(@Root() job: JobView, @Ctx() context: GraphContext): Promise<number | null> {
    return context.loader('job.expectedMs', (ids: readonly string[]) => this.deps.queries.expectedMs(ids)).load(job.id);
  }
}
