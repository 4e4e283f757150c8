import type { Failures } from '@slipway/protocol';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type { Strategy } from '../../build/pipelines/pipeline.js';
import { connectionOf } from '../../platform/graphql/connection.js';
import { enumOf } from '../../platform/graphql/enum-of.js';
import { DateTime } from '../../platform/graphql/scalars.js';
import { CommitType } from '../../source/repositories/commits/commit.type.js';
import type { DeploymentKind } from './deployment.js';
import type { DeploymentEventView, DeploymentView } from './deployment.queries.js';
import { DEPLOYMENT_STATES, type DeploymentState } from './deployment-state.js';
import type { Percentiles } from './latency.js';
import type { Counts, Receipt } from './traffic-tally.js';

export const DeploymentStateEnum = enumOf('DeploymentState', 'Where a deployment stands.', DEPLOYMENT_STATES);

export const StrategyEnum = enumOf<Strategy>('Strategy', 'How a release takes over.', {
  recreate: 'The old release is stopped first.',
  'blue-green': 'The new release takes the traffic once it is healthy; the old one stays warm for a while.',
});

@ObjectType('RequestFailures', { description: 'Why requests failed, in numbers of requests.' })
export class RequestFailuresType implements Failures {
  @Field(() => Int, { description: 'No instance took the connection.' })
  connect!: number;

  @Field(() => Int, { description: 'The application broke the connection before its answer was whole.' })
  reset!: number;

  @Field(() => Int, { description: 'The application answered with 5xx.' })
  application!: number;

  @Field(() => Int, { description: "The router answered in the application's place: nothing came in time, or a limit was reached." })
  router!: number;
}

const LATENCY_BOUNDS =
  'Milliseconds, rounded up to the next bound of the histogram: the true value is less by a quarter at most from 3 ms to 1 s, and by two thirds above. null: more than 60,000.';

@ObjectType('LatencyPercentiles', {
  description:
    "How long clients waited for an answer: from the whole head of their request to the first byte of the answer's. Web sockets are left out.",
})
export class LatencyPercentilesType implements Percentiles {
  @Field(() => Int, { nullable: true, description: `Of half of the requests. ${LATENCY_BOUNDS}` })
  p50Ms!: number | null;

  @Field(() => Int, { nullable: true, description: `Of 95 of 100 requests. ${LATENCY_BOUNDS}` })
  p95Ms!: number | null;

  @Field(() => Int, { nullable: true, description: `Of 99 of 100 requests. ${LATENCY_BOUNDS}` })
  p99Ms!: number | null;

  @Field(() => Float, { description: 'Number of requests that were measured.' })
  measured!: number;
}

@ObjectType('Receipt', {
  description:
    'The requests to the environment that ended while the deployment was under way. Each is in exactly one of `served`, `failed`, `cut` and `aborted`.',
})
export class ReceiptType implements Counts {
  @Field(() => Int, { description: 'Requests that the application answered, with a status below 500.' })
  served!: number;

  @Field(() => Int, { description: 'Requests that failed; `failures` says why. 5xx of the application is one of the reasons.' })
  failed!: number;

  @Field(() => Int, { description: 'Requests that were cut off before they were finished, because draining took too long.' })
  cut!: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Requests whose clients left before the answer was whole. null: nothing was asked, or the agent does not measure it.',
  })
  aborted?: number;

  @Field(() => RequestFailuresType, { nullable: true, description: 'The failed by reason. null: as for `aborted`.' })
  failures?: Failures;

  @Field(() => Float, { nullable: true, description: 'Bytes from clients, heads included. null: as for `aborted`.' })
  bytesIn?: number;

  @Field(() => Float, { nullable: true, description: 'Bytes to clients, heads included. null: as for `aborted`.' })
  bytesOut?: number;

  @Field(() => LatencyPercentilesType, { nullable: true, description: 'null: no answer was measured.' })
  latency?: Percentiles | null;
}

@ObjectType('DeploymentEvent', { description: 'Something that happened to a deployment.' })
export class DeploymentEventType implements Omit<DeploymentEventView, 'deploymentId'> {
  @Field(() => DateTime, { description: 'When.' })
  at!: Date;

  @Field(() => String, {
    description: 'Move of the state machine, e.g. `switch`; `made` at the beginning, `step` if the state stayed the same.',
  })
  event!: string;

  @Field(() => DeploymentStateEnum, { nullable: true, description: 'Where it stood after it.' })
  state!: DeploymentState | null;

  @Field(() => String, { nullable: true, description: 'A sentence for people.' })
  message!: string | null;
}

@ObjectType('Deployment', { description: 'A release on its way to an environment, or back.' })
export class DeploymentType implements DeploymentView {
  @Field(() => ID, { description: 'UUID.' })
  id!: string;

  @Field(() => String, { description: 'deploy or rollback.' })
  kind!: DeploymentKind;

  @Field(() => StrategyEnum, { description: 'How the new release takes over.' })
  strategy!: Strategy;

  @Field(() => DeploymentStateEnum, { description: 'Where it stands.' })
  state!: DeploymentState;

  @Field(() => String, { nullable: true, description: 'Why it waits, or why it ended as it did: a stable code.' })
  reason!: string | null;

  @Field(() => String, { nullable: true, description: 'What is happening, or how it ended, in a sentence.' })
  message!: string | null;

  receipt!: Receipt | null;

  @Field(() => DateTime, { description: 'When it was asked for.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When its agent began.' })
  startedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was over.' })
  finishedAt!: Date | null;

  projectId!: string;
  environmentId!: string;
  releaseId!: string;
  previousReleaseId!: string | null;
  jobId!: string | null;
  runId!: string | null;
  createdById!: string | null;
}

export const DeploymentConnection = connectionOf('Deployment', () => DeploymentType);

@ObjectType('VariableChange', { description: 'A variable that would be different.' })
export class VariableChangeType {
  @Field(() => String, { description: 'Its name.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'null: not set now.' })
  before!: string | null;

  @Field(() => String, { nullable: true, description: 'null: not set afterwards.' })
  after!: string | null;
}

@ObjectType('DeploymentContents', { description: 'The commits between one release and another.' })
export class DeploymentContentsType {
  @Field(() => [CommitType], {
    description: 'Commits that are deployed (`forward`, `diverged`) or removed (`backward`), newest first.',
  })
  commits!: CommitType[];

  @Field(() => Boolean, { description: 'Whether there are more than are listed.' })
  commitsTruncated!: boolean;

  @Field(() => String, {
    description: 'first: nothing runs yet · same · forward · backward: to an older commit · diverged: to another line of history.',
  })
  direction!: string;
}

@ObjectType('DeployPreview', { description: 'What a deployment would change.' })
export class DeployPreviewType extends DeploymentContentsType {
  @Field(() => [VariableChangeType], { description: 'Variables that would change, by name.' })
  variables!: VariableChangeType[];

  @Field(() => [String], { description: 'Names of secrets that would be added, removed or changed to another version.' })
  secrets!: string[];

  @Field(() => Boolean, { description: 'Whether the release is already running and healthy, so that the switch takes less than a second.' })
  warm!: boolean;
}
