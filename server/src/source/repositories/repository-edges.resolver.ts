import { Arg, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { RunView } from '../../build/runs/run.queries.js';
import { RunType } from '../../build/runs/run.type.js';
import { ProjectType } from '../../people/projects/project.type.js';
import type { GraphContext } from '../../platform/http/context.js';
import { CommitType } from './commits/commit.type.js';
import type { RepositoryQueries } from './repositories.queries.js';
import { RepositoryType } from './repository.type.js';

/** Repositories as a project shows them. */
@Resolver(() => ProjectType)
export class ProjectRepositoriesResolver {
  constructor(private readonly queries: RepositoryQueries) {}

  @FieldResolver(() => [RepositoryType], { description: 'Its repositories by name.' })
  repositories(@Root() project: { id: string }, @Ctx() context: GraphContext): Promise<RepositoryType[]> {
    return this.queries.repositoriesOfProject(context, project.id);
  }

  @FieldResolver(() => RepositoryType, { nullable: true, description: 'One of its repositories.' })
  repository(
    @Root() project: { id: string },
    @Ctx() context: GraphContext,
    @Arg('name', () => String, { description: 'Its name.' }) name: string,
  ): Promise<RepositoryType | null> {
    return this.queries.repositoryNamed(context, project.id, name);
  }
}

/** Where a run's code comes from. */
@Resolver(() => RunType)
export class RunSourceResolver {
  constructor(private readonly queries: RepositoryQueries) {}

  @FieldResolver(() => CommitType, { nullable: true, description: 'The commit that it runs at.' })
  commit(@Root() run: RunView, @Ctx() context: GraphContext): Promise<CommitType | null> {
    return this.queries.commit(context, run.repositoryId, run.commitSha);
  }

  @FieldResolver(() => RepositoryType, { description: 'The repository that it builds.' })
  repository(@Root() run: RunView, @Ctx() context: GraphContext): Promise<RepositoryType | null> {
    return this.queries.repository(context, run.repositoryId);
  }
}
