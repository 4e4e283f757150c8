import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { RunQueries, RunView } from '../../build/runs/run.queries.js';
import { RunType } from '../../build/runs/run.type.js';
import { Can } from '../../people/access/can.js';
import type { UserQueries, UserView } from '../../people/access/user.queries.js';
import { UserType } from '../../people/access/user.type.js';
import { actorOf, type GraphContext } from '../../platform/http/context.js';
import type { PullRequestQueries, PullRequestView } from './pull-request.queries.js';
import { PullRequestType } from './pull-request.type.js';

export type PullRequestResolverDeps = {
  queries: PullRequestQueries;
  runs: Pick<RunQueries, 'byIds'>;
  users: Pick<UserQueries, 'load'>;
  approvePullRequest(id: string, headSha: string, userId: string): Promise<void>;
};

@Resolver(() => PullRequestType)
export class PullRequestResolver {
  constructor(private readonly deps: PullRequestResolverDeps) {}

  @Query(() => PullRequestType, { nullable: true, description: 'A pull request by its id.' })
  @Can('project.read', { pull_request: 'id' })
  pullRequest(@Arg('id', () => ID) id: string): Promise<PullRequestView | null> {
    return this.deps.queries.byId(id);
  }

  @Mutation(() => PullRequestType, {
    description: "Allows one commit of a fork's pull request to run; each further commit needs its own approval. Safe to repeat.",
  })
  @Can('run.trigger', { pull_request: 'id' })
  async approvePullRequest(
    @Ctx() context: GraphContext,
    @Arg('id', () => ID) id: string,
    @Arg('headSha', () => String, { description: 'The full id of the commit that was reviewed. Refused if there is a newer one.' })
    headSha: string,
  ): Promise<PullRequestView | null> {
    await this.deps.approvePullRequest(id, headSha, actorOf(context).userId);
    return this.deps.queries.byId(id);
  }

  @FieldResolver(() => UserType, { nullable: true, description: 'Who approved its newest commit.' })
  approvedBy(@Root() pullRequest: PullRequestView, @Ctx() context: GraphContext): Promise<UserView | null> {
    return this.deps.users.load(context, pullRequest.approvedById);
  }

  @FieldResolver(() => [RunType], { description: 'Its newest runs, newest first.' })
  runs(
    @Root() pullRequest: PullRequestView,
    @Ctx() context: GraphContext,
    @Arg('first', () => Int, { defaultValue: 20, description: 'How many at most.' }) first: number,
  ): Promise<RunView[]> {
    return this.newestRuns(context, pullRequest, first);
  }

  @FieldResolver(() => RunType, { nullable: true, description: 'Its newest run.' })
  async lastRun(@Root() pullRequest: PullRequestView, @Ctx() context: GraphContext): Promise<RunView | null> {
    return (await this.newestRuns(context, pullRequest, 1))[0] ?? null;
  }

  private async newestRuns(context: GraphContext, { id }: PullRequestView, first: number): Promise<RunView[]> {
    const ids = await this.deps.queries.runIds(context, id, first);
    const runs = await context.loader('run', (keys: readonly string[]) => this.deps.runs.byIds(keys)).loadMany(ids);
    return runs.filter((run): run is RunView => run !== null && !(run instanceof Error));
  }
}
