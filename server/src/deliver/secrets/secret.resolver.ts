import { Arg, Ctx, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql';
import { Can } from '../../people/access/can.js';
import type { ProjectQueries } from '../../people/projects/project.queries.js';
import { ProjectType } from '../../people/projects/project.type.js';
import { notFound } from '../../platform/errors.js';
import { actorOf, type GraphContext } from '../../platform/http/context.js';
import { EnvironmentType } from '../environments/environment.type.js';
import type { SecretQueries } from './secret.queries.js';
import { SecretInfoType } from './secret.type.js';
import type { SecretInfo, SecretScope, SecretStore } from './secret-store.js';

@Resolver(() => SecretInfoType)
export class SecretResolver {
  constructor(
    private readonly secrets: SecretStore,
    private readonly projects: Pick<ProjectQueries, 'byNameOrId'>,
  ) {}

  @Mutation(() => SecretInfoType, {
    description: 'Sets a secret, or a new version of it. What already runs gets it with its next deployment.',
  })
  @Can('secret.write', { project: 'project', environment: 'environmentId?' })
  async setSecret(
    @Ctx() context: GraphContext,
    @Arg('project', () => String, { description: 'Name of the project.' }) project: string,
    @Arg('name', () => String, { description: 'Capitals, digits and "_".' }) name: string,
    @Arg('value', () => String, { description: 'At most 64 KiB; never shown again.' }) value: string,
    @Arg('environmentId', () => ID, { nullable: true, description: 'Left out: for every environment and job of the project.' })
    environmentId?: string,
  ): Promise<SecretInfo> {
    return this.secrets.set(await this.scope(project, environmentId), name, value, actorOf(context).userId);
  }

  @Mutation(() => Boolean, {
    description: 'Deletes a secret. New jobs and deployments no longer get it; what already runs keeps it until its next deployment.',
  })
  @Can('secret.write', { project: 'project', environment: 'environmentId?' })
  async deleteSecret(
    @Ctx() context: GraphContext,
    @Arg('project', () => String, { description: 'Name of the project.' }) project: string,
    @Arg('name', () => String, { description: 'Of the secret.' }) name: string,
    @Arg('environmentId', () => ID, { nullable: true, description: 'Left out: the secret of the whole project.' }) environmentId?: string,
  ): Promise<boolean> {
    await this.secrets.delete(await this.scope(project, environmentId), name, actorOf(context).userId);
    return true;
  }

  private async scope(name: string, environmentId: string | null | undefined): Promise<SecretScope> {
    const project = await this.projects.byNameOrId(name);
    if (!project) throw notFound('project', name);
    return { projectId: project.id, environmentId: environmentId ?? null };
  }
}

/** Secrets as an environment shows them. */
@Resolver(() => EnvironmentType)
export class EnvironmentSecretsResolver {
  constructor(private readonly queries: SecretQueries) {}

  @FieldResolver(() => [SecretInfoType], { description: 'Its own secrets by name; it also gets those of the project.' })
  secrets(@Root() environment: { id: string }, @Ctx() context: GraphContext): Promise<SecretInfo[]> {
    return context.loader('environment.secrets', (ids: readonly string[]) => this.queries.ofEnvironments(ids)).load(environment.id);
  }
}

/** Secrets as a project shows them. */
@Resolver(() => ProjectType)
export class ProjectSecretsResolver {
  constructor(private readonly queries: SecretQueries) {}

  @FieldResolver(() => [SecretInfoType], { description: 'Secrets for all of its environments and jobs, by name.' })
  secrets(@Root() project: { id: string }, @Ctx() context: GraphContext): Promise<SecretInfo[]> {
    return context.loader('project.secrets', (ids: readonly string[]) => this.queries.ofProjects(ids)).load(project.id);
  }
}
