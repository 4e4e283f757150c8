import { Field, ID, Int, ObjectType } from 'type-graphql';
import { connectionOf } from '../../platform/graphql/connection.js';
import { enumOf } from '../../platform/graphql/enum-of.js';
import { DateTime } from '../../platform/graphql/scalars.js';
import type { Strategy } from '../pipelines/pipeline.js';
import { CommitType } from '../repositories/commits/commit.type.js';
import type { DeploymentKind } from './deployment.js';
import type { DeploymentEventView, DeploymentView } from './deployment.queries.js';
import { DEPLOYMENT_STATES, type DeploymentState } from './deployment-state.js';
import type { Counts } from './traffic-tally.js';

export const DeploymentStateEnum = enumOf('DeploymentState', 'Where a deployment stands.', DEPLOYMENT_STATES);

export const StrategyEnum = enumOf<Strategy>('Strategy', 'How a release takes over.', {
  recreate: 'The old release is stopped first.',
  'blue-green': 'The new release takes the traffic once it is healthy; the old one stays warm for a while.',
});

@ObjectType('Receipt', { description: 'Counts of the requests to the environment while the deployment was under way.' })
export class ReceiptType implements Counts {
  @Field(() => Int, { description: 'Answered by the application.' })
  served!: number;

  @Field(() => Int, { description: 'Not answered by the application: it refused or broke the connection.' })
  failed!: number;

  @Field(() => Int, { description: 'Cut off before they were finished, because draining took too long.' })
  cut!: number;
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

  @Field(() => ReceiptType, { nullable: true, description: 'null until it is over.' })
  receipt!: Counts | null;

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
