import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphContext } from '../../platform/http/context.js';
import { CommitType } from '../../source/repositories/commits/commit.type.js';
import type { CommitView } from '../../source/repositories/commits/commit-view.js';
import { CommitEnvironmentType } from './commit-environment.type.js';
import type { CommitEnvironmentQueries, CommitEnvironmentView } from './commit-environments.queries.js';
import type { EnvironmentQueries, EnvironmentView } from './environment.queries.js';
import { EnvironmentType } from './environment.type.js';

/** How far a commit has come. */
@Resolver(() => CommitType)
export class CommitEnvironmentsResolver {
  constructor(private readonly queries: CommitEnvironmentQueries) {}

  @FieldResolver(() => [CommitEnvironmentType], { description: 'Environments where it is live or was deployed before; live ones first.' })
  environments(@Root() commit: CommitView, @Ctx() context: GraphContext): Promise<CommitEnvironmentView[]> {
    return context.loader('commit.environments', (keys: readonly CommitView[]) => this.queries.ofCommits(keys)).load(commit);
  }
}

/** The environment that a commit has reached. */
@Resolver(() => CommitEnvironmentType)
export class CommitEnvironmentResolver {
  constructor(private readonly environments: Pick<EnvironmentQueries, 'evenDeleted'>) {}

  @FieldResolver(() => EnvironmentType, { description: 'Where.' })
  environment(@Root() reached: CommitEnvironmentView, @Ctx() context: GraphContext): Promise<EnvironmentView | null> {
    return context
      .loader('deployment.environment', (ids: readonly string[]) => this.environments.evenDeleted(ids))
      .load(reached.environmentId);
  }
}
