import { Field, ID, Int, ObjectType } from 'type-graphql';
import { connectionOf } from '../../platform/graphql/connection.js';
import { enumOf } from '../../platform/graphql/enum-of.js';
import { DateTime } from '../../platform/graphql/scalars.js';
import type { RunView } from './run.queries.js';
import { RUN_STATES, type RunState } from './run-state.js';

export const RunStateEnum = enumOf(
  'RunState',
  "Where a run stands; it follows from the states of its jobs. `INVALID`: its pipeline can't be read.",
  RUN_STATES,
);

export const RunTriggerEnum = enumOf('RunTrigger', 'What started a run.', ['push', 'pull_request', 'manual', 'deploy', 'rollback']);

@ObjectType('PipelineProblem', { description: 'What is wrong with a pipeline, where, and what to do.' })
export class PipelineProblemType {
  @Field(() => String, { description: 'File in the repository.' })
  file!: string;

  @Field(() => Int, { nullable: true, description: 'Counts from 1.' })
  line!: number | null;

  @Field(() => Int, { nullable: true, description: 'Counts from 1.' })
  column!: number | null;

  @Field(() => String, { description: 'What is wrong.' })
  message!: string;

  @Field(() => String, { description: 'What to do about it.' })
  remedy!: string;
}

@ObjectType('Run', { description: 'One execution of a pipeline at a commit.' })
export class RunType implements RunView {
  @Field(() => ID, { description: 'UUID.' })
  id!: string;

  @Field(() => Int, { description: 'Counts the runs of a repository from 1.' })
  number!: number;

  @Field(() => RunStateEnum, { description: 'Its state, which follows from its jobs.' })
  state!: RunState;

  @Field(() => RunTriggerEnum, { description: 'What started it.' })
  trigger!: RunView['trigger'];

  @Field(() => String, { description: 'The branch or tag that it is for; for a pull request, the source branch.' })
  branch!: string;

  @Field(() => String, { description: 'refs/heads/…, refs/tags/… or refs/pull/<number>/merge.' })
  ref!: string;

  @Field(() => String, { description: 'Full id of the commit that it runs at; for a pull request, of the merge that was made for it.' })
  commitSha!: string;

  @Field(() => String, { description: 'Full id of the commit that people know it by; for a pull request, of its head.' })
  headSha!: string;

  @Field(() => Boolean, { description: 'Whether its code is trusted; false: it comes from a fork, gets no secret and deploys nothing.' })
  trusted!: boolean;

  @Field(() => [PipelineProblemType], { description: 'What is wrong with the pipeline of an invalid run; empty otherwise.' })
  problems!: RunView['problems'];

  @Field(() => DateTime, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When its first job started.' })
  startedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When its last job ended.' })
  finishedAt!: Date | null;

  projectId!: string;
  repositoryId!: string;
  triggeredById!: string | null;
}

export const RunConnection = connectionOf('Run', () => RunType);
