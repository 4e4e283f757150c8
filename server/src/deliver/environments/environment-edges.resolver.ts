import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { AgentQueries, AgentView } from '../../build/agents/agent.queries.js';
import { AgentType } from '../../build/agents/agent.type.js';
import type { ProjectQueries, ProjectView } from '../../people/projects/project.queries.js';
import { ProjectType } from '../../people/projects/project.type.js';
import type { GraphContext } from '../../platform/http/context.js';
import type { RepositoryQueries } from '../../source/repositories/repositories.queries.js';
import { RepositoryType } from '../../source/repositories/repository.type.js';
import type { ReleaseRow } from '../releases/release.js';
import type { ReleaseQueries } from '../releases/release.queries.js';
import { ReleaseType } from '../releases/release.type.js';
import type { EnvironmentQueries, EnvironmentView, InstanceView } from './environment.queries.js';
import { EnvironmentType, InstanceType } from './environment.type.js';

type Releases = Pick<ReleaseQueries, 'byIds'>;

async function load(releases: Releases, context: GraphContext, id: string | null): Promise<ReleaseRow | null> {
  return id ? context.loader('release', (ids: readonly string[]) => releases.byIds(ids)).load(id) : null;
}

/** What an environment belongs to and what runs in it. */
@Resolver(() => EnvironmentType)
export class EnvironmentEdgesResolver {
  constructor(
    private readonly projects: Pick<ProjectQueries, 'load'>,
    private readonly releases: Releases,
    private readonly agents: Pick<AgentQueries, 'load'>,
    private readonly repositories: Pick<RepositoryQueries, 'repository'>,
  ) {}

  @FieldResolver(() => RepositoryType, {
    nullable: true,
    description:
      'The repository that it belongs to: that of the release which serves. Releases of others are refused (`other_repository`). null: nothing serves, so it takes the next release of any repository of its project.',
  })
  async repository(@Root() environment: EnvironmentView, @Ctx() context: GraphContext): Promise<RepositoryType | null> {
    const release = await load(this.releases, context, environment.releaseId);
    return release && this.repositories.repository(context, release.repositoryId);
  }

  @FieldResolver(() => AgentType, { nullable: true, description: 'The agent on whose machine it lives; null: none yet.' })
  agent(@Root() environment: EnvironmentView, @Ctx() context: GraphContext): Promise<AgentView | null> {
    return this.agents.load(context, environment.agentId);
  }

  @FieldResolver(() => ProjectType, { description: 'The project that it belongs to.' })
  project(@Root() environment: EnvironmentView, @Ctx() context: GraphContext): Promise<ProjectView | null> {
    return this.projects.load(context, environment.projectId);
  }

  @FieldResolver(() => ReleaseType, { nullable: true, description: 'The release that serves now; null: none.' })
  release(@Root() environment: EnvironmentView, @Ctx() context: GraphContext): Promise<ReleaseRow | null> {
    return load(this.releases, context, environment.releaseId);
  }

  @FieldResolver(() => ReleaseType, {
    nullable: true,
    description: 'The release that is kept running without traffic: going back to it takes less than a second.',
  })
  warmRelease(@Root() environment: EnvironmentView, @Ctx() context: GraphContext): Promise<ReleaseRow | null> {
    return load(this.releases, context, environment.warmReleaseId);
  }
}

@Resolver(() => InstanceType)
export class InstanceResolver {
  constructor(private readonly releases: Releases) {}

  @FieldResolver(() => ReleaseType, { nullable: true, description: 'The release it runs; null: one that is being removed.' })
  release(@Root() instance: InstanceView, @Ctx() context: GraphContext): Promise<ReleaseRow | null> {
    return load(this.releases, context, instance.ofRelease);
  }
}

/** Environments as a project shows them. */
@Resolver(() => ProjectType)
export class ProjectEnvironmentsResolver {
  constructor(private readonly queries: EnvironmentQueries) {}

  @FieldResolver(() => [EnvironmentType], { description: 'Its environments, oldest first.' })
  environments(@Root() project: { id: string }, @Ctx() context: GraphContext): Promise<EnvironmentView[]> {
    return context.loader('project.environments', (ids: readonly string[]) => this.queries.ofProjects(ids)).load(project.id);
  }
}
