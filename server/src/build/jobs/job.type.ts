import type { TestCounts } from '@slipway/protocol';
import { type JobKind } from '@slipway/protocol';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { enumOf } from '../../platform/graphql/enum-of.js';
import { DateTime, Json } from '../../platform/graphql/scalars.js';
import type { AttemptView, JobView, StepView, TestCaseView, TestSummaryView } from './job.queries.js';
import { JOB_STATES, type JobState } from './job-state.js';

export const JobStateEnum = enumOf('JobState', 'Where a job stands.', JOB_STATES);

export const JobKindEnum = enumOf<JobKind>('JobKind', 'What a job does. An agent takes the kinds that its roles name.', {
  build: 'It builds something from the source.',
  test: 'It tests the source or what was built.',
  deploy: 'It brings a release into an environment.',
});

@ObjectType('Step', { description: 'One step of a job, as its newest attempt ran it.' })
export class StepType implements Omit<StepView, 'jobId'> {
  @Field(() => Int, { description: 'Place in the job, from 0.' })
  index!: number;

  @Field(() => String, { description: 'Its name, or the first line of what it runs.' })
  name!: string;

  @Field(() => Int, { description: 'Line of the log, from 0, at which it begins.' })
  line!: number;

  @Field(() => DateTime, { description: 'When it began.' })
  startedAt!: Date;

  @Field(() => Int, { nullable: true, description: 'null while it runs, or if a signal ended it.' })
  exitCode!: number | null;

  @Field(() => Int, { nullable: true, description: 'In milliseconds; null while it runs.' })
  durationMs!: number | null;
}

@ObjectType('Attempt', { description: 'One try of a job by one agent, under a lease.' })
export class AttemptType implements AttemptView {
  @Field(() => ID, { description: 'UUID.' })
  id!: string;

  @Field(() => Int, { description: 'Grows with every attempt of the installation.' })
  number!: number;

  @Field(() => String, { description: 'offered, running or ended.' })
  state!: string;

  @Field(() => Json, { nullable: true, description: 'How it ended: `kind`, and unless it passed `reason` and `message`.' })
  outcome!: unknown;

  @Field(() => DateTime, { description: 'When it was offered to the agent.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it ended.' })
  endedAt!: Date | null;

  jobId!: string;
  agentId!: string;
}

@ObjectType('TestCounts', { description: 'Counts of test cases.' })
export class TestCountsType implements TestCounts {
  @Field(() => Int, { description: 'Cases that passed.' })
  passed!: number;

  @Field(() => Int, { description: 'Cases that failed.' })
  failed!: number;

  @Field(() => Int, { description: 'Cases that were skipped.' })
  skipped!: number;
}

@ObjectType('TestSummary', { description: 'Counts of all test cases that a job reported.' })
export class TestSummaryType extends TestCountsType implements TestSummaryView {
  @Field(() => TestCountsType, {
    description: 'Those of them that are not stored: only their number is known. Failed cases are stored first.',
  })
  onlyCounted!: TestCounts;
}

@ObjectType('TestCase', { description: 'One test case of a report.' })
export class TestCaseType implements Omit<TestCaseView, 'jobId'> {
  @Field(() => ID, { description: 'Number of the row.' })
  id!: string;

  @Field(() => String, { description: 'Name of its suite in the report.' })
  suite!: string;

  @Field(() => String, { description: 'Its name in the report.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'The file that it is in, if the report says so.' })
  file!: string | null;

  @Field(() => String, { description: 'passed, failed or skipped.' })
  state!: string;

  @Field(() => Float, { nullable: true, description: 'Milliseconds.' })
  durationMs!: number | null;

  @Field(() => String, { nullable: true, description: 'What went wrong, in a sentence.' })
  message!: string | null;

  @Field(() => String, { nullable: true, description: 'Stack trace or captured output, at most 64 KiB.' })
  output!: string | null;
}

@ObjectType('QueueInfo', { description: 'Jobs that wait for a free slot.' })
export class QueueInfoType {
  @Field(() => Int, { description: 'How many.' })
  length!: number;

  @Field(() => DateTime, { nullable: true, description: 'Since when the oldest job has been waiting.' })
  oldestQueuedAt!: Date | null;
}

@ObjectType('Job', { description: 'One node of a run. A retry is a new job that names the old one.' })
export class JobType implements JobView {
  @Field(() => ID, { description: 'UUID.' })
  id!: string;

  @Field(() => String, { description: 'Its name in the pipeline.' })
  name!: string;

  @Field(() => JobKindEnum, { description: 'build, test or deploy.' })
  kind!: JobKind;

  @Field(() => JobStateEnum, { description: 'Where it stands.' })
  state!: JobState;

  reason!: string | null;

  message!: string | null;

  @Field(() => [String], { description: 'Names of the jobs that must succeed first.' })
  needs!: string[];

  @Field(() => Int, { description: 'Place in the pipeline, from 0.' })
  position!: number;

  @Field(() => ID, { nullable: true, description: 'The job that this one retries.' })
  retryOf!: string | null;

  @Field(() => Boolean, { description: 'Whether it counts; false for a job that was retried, so that a newer one stands in its place.' })
  isCurrent!: boolean;

  @Field(() => Int, { description: 'Its time limit in milliseconds.' })
  timeoutMs!: number;

  @Field(() => DateTime, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it was last queued.' })
  queuedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When an agent started it.' })
  startedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it ended.' })
  finishedAt!: Date | null;

  runId!: string;
  projectId!: string;
  environmentId!: string | null;
}
