import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import type { RunView } from '../../build/runs/run.queries.js';
import { RunType } from '../../build/runs/run.type.js';
import { type Connection, cursorKey, pageOf } from '../../platform/graphql/connection.js';
import type { GraphContext } from '../../platform/http/context.js';
import { RepositoryType } from '../repositories/repository.type.js';
import type { PullRequestState } from './pull-request.js';
import type { PullRequestQueries, PullRequestView } from './pull-request.queries.js';
import { PullRequestConnection, PullRequestStateEnum, PullRequestType } from './pull-request.type.js';

/** Pull requests as a repository shows them. */
@Resolver(() => RepositoryType)
export class RepositoryPullRequestsResolver {
  constructor(private readonly queries: PullRequestQueries) {}

  @FieldResolver(() => PullRequestConnection, { description: 'Its pull requests, newest first; none if its host has none.' })
  async pullRequests(
    @Root() repository: { id: string },
    @Ctx() context: GraphContext,
    @Arg('first', () => Int, { defaultValue: 20 }) first: number,
    @Arg('after', () => String, { nullable: true }) after?: string,
    @Arg('state', () => PullRequestStateEnum, { nullable: true, description: 'Only in this state.' }) state?: PullRequestState,
  ): Promise<Connection<PullRequestView>> {
    const before = numberOf(cursorKey(after));
    const load = (ids: readonly string[]) => this.queries.ofRepositories(ids, state ?? null, first, before);
    const rows = await context.loader(`repository.pullRequests ${JSON.stringify([state, first, before])}`, load).load(repository.id);
    return pageOf(rows, first, (row) => String(row.number));
  }

  @FieldResolver(() => PullRequestType, { nullable: true, description: 'One of its pull requests.' })
  pullRequest(
    @Root() repository: { id: string },
    @Ctx() context: GraphContext,
    @Arg('number', () => Int, { description: 'Its number at the host.' }) number: number,
  ): Promise<PullRequestView | null> {
    return this.queries.numbered(context, repository.id, number);
  }
}

const numberOf = (key: string | null): number | null => (key !== null && /^\d{1,9}$/.test(key) ? Number(key) : null);

/** What a run is of. */
@Resolver(() => RunType)
export class RunPullRequestResolver {
  constructor(private readonly queries: PullRequestQueries) {}

  @FieldResolver(() => PullRequestType, { nullable: true, description: 'The pull request whose merge it builds.' })
  async pullRequest(@Root() run: RunView, @Ctx() context: GraphContext): Promise<PullRequestView | null> {
    return this.queries.load(context, await this.queries.ofRun(context, run.id));
  }
}
