import { Field, ID, Int, ObjectType } from 'type-graphql';
import { connectionOf } from '../../platform/graphql/connection.js';
import { enumOf } from '../../platform/graphql/enum-of.js';
import { DateTime } from '../../platform/graphql/scalars.js';
import { MERGE_STATES, type MergeState, PULL_REQUEST_STATES, type PullRequestState } from './pull-request.js';
import type { PullRequestView } from './pull-request.queries.js';

export const PullRequestStateEnum = enumOf('PullRequestState', 'Where a pull request stands at its host.', PULL_REQUEST_STATES);

const MergeStateEnum = enumOf(
  'MergeState',
  'Whether the head can be merged into the base. `UNKNOWN`: its commits are not fetched yet.',
  MERGE_STATES,
);

@ObjectType('PullRequest', { description: 'A pull or merge request of a repository at a code host.' })
export class PullRequestType implements PullRequestView {
  @Field(() => ID, { description: 'UUID.' })
  id!: string;

  @Field(() => Int, { description: 'Its number at the host.' })
  number!: number;

  @Field(() => String, { description: 'Its title at the host.' })
  title!: string;

  @Field(() => String, { description: "The host's name for the person who opened it." })
  author!: string;

  @Field(() => String, { nullable: true, description: 'Its page at the host.' })
  url!: string | null;

  @Field(() => PullRequestStateEnum, { description: 'Where it stands.' })
  state!: PullRequestState;

  @Field(() => String, { description: 'The branch to merge.' })
  sourceBranch!: string;

  @Field(() => String, { nullable: true, description: 'Where the source branch is when it is in another repository.' })
  sourceRepository!: string | null;

  @Field(() => Boolean, {
    description: 'Whether its code comes from a fork: then it gets no secret, deploys nothing, and each commit needs an approval.',
  })
  isFork!: boolean;

  @Field(() => String, { description: 'The branch to merge into.' })
  baseBranch!: string;

  @Field(() => String, { description: 'Its newest commit.' })
  headSha!: string;

  @Field(() => String, { nullable: true, description: 'The commit that is built: the head merged into the base. null: there is none yet.' })
  mergeSha!: string | null;

  @Field(() => MergeStateEnum, { description: 'Whether it can be merged.' })
  mergeState!: MergeState;

  @Field(() => [String], { description: 'Files with conflicts, at most a hundred.' })
  conflicts!: string[];

  @Field(() => Boolean, { description: 'Whether nothing runs until somebody approves its newest commit.' })
  needsApproval!: boolean;

  @Field(() => DateTime, { nullable: true, description: 'When its newest commit was approved.' })
  approvedAt!: Date | null;

  @Field(() => String, {
    nullable: true,
    description: 'Why its newest commit has no run although it can be merged; a sentence for people.',
  })
  noRunReason!: string | null;

  @Field(() => DateTime, { description: 'When Slipway first heard of it.' })
  openedAt!: Date;

  @Field(() => DateTime, { description: 'When it last changed at the host.' })
  updatedAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it was closed or merged.' })
  closedAt!: Date | null;

  repositoryId!: string;
  approvedById!: string | null;
}

export const PullRequestConnection = connectionOf('PullRequest', () => PullRequestType);
