import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import type { RunQueries, RunView } from '../../../build/runs/run.queries.js';
import { RunType } from '../../../build/runs/run.type.js';
import type { UserQueries, UserView } from '../../../people/access/user.queries.js';
import { UserType } from '../../../people/access/user.type.js';
import { type Connection, cursorKey, pageOf } from '../../../platform/graphql/connection.js';
import type { GraphContext } from '../../../platform/http/context.js';
import { CommitType } from '../commits/commit.type.js';
import type { RepositoryQueries } from '../repositories.queries.js';
import { RepositoryType } from '../repository.type.js';
import type { PushQueries, PushView } from './push.queries.js';
import { PushConnection, PushType } from './push.type.js';

/** Pushes as a repository shows them. */
@Resolver(() => RepositoryType)
export class RepositoryPushesResolver {
  constructor(private readonly queries: PushQueries) {}

  @FieldResolver(() => PushConnection, { description: 'Changes of its branches and tags, newest first.' })
  async pushes(
    @Root() repository: RepositoryType,
    @Arg('first', () => Int, { defaultValue: 20, description: '1 to 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the last push of the previous page.' }) after?: string,
    @Arg('ref', () => String, { nullable: true, description: 'Only pushes of this ref: refs/heads/… or refs/tags/….' }) ref?: string,
    @Arg('newSha', () => String, { nullable: true, description: 'Only pushes that moved the ref to this object.' }) newSha?: string,
  ): Promise<Connection<PushView>> {
    const of = { ref: ref ?? null, newSha: newSha ?? null };
    return pageOf(await this.queries.ofRepository(repository.id, of, first, cursorKey(after)), first, (push) => push.id);
  }
}

/** Who pushed, what, and what came of it. */
@Resolver(() => PushType)
export class PushResolver {
  constructor(
    private readonly runs: Pick<RunQueries, 'ofPushes'>,
    private readonly users: Pick<UserQueries, 'load'>,
    private readonly repositories: Pick<RepositoryQueries, 'commit'>,
  ) {}

  @FieldResolver(() => RunType, { nullable: true, description: 'The run that it started.' })
  run(@Root() push: PushView, @Ctx() context: GraphContext): Promise<RunView | null> {
    return context.loader('push.run', (ids: readonly string[]) => this.runs.ofPushes(ids)).load(push.id);
  }

  @FieldResolver(() => UserType, { nullable: true, description: 'Who pushed; null: a code host, or Slipway itself.' })
  pushedBy(@Root() push: PushView, @Ctx() context: GraphContext): Promise<UserView | null> {
    return this.users.load(context, push.pushedById);
  }

  @FieldResolver(() => CommitType, {
    nullable: true,
    description: 'The commit that the ref points at afterwards; null: none, or an annotated tag.',
  })
  head(@Root() push: PushView, @Ctx() context: GraphContext): Promise<CommitType | null> {
    return this.repositories.commit(context, push.repositoryId, push.newSha);
  }
}
