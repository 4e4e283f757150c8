import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { Can } from '../../people/access/can.js';
import { actorOf, type GraphContext } from '../../platform/http/context.js';
import type { CreateRepository } from './create-repository.js';
import type { RepositoryQueries } from './repositories.queries.js';
import { RepositoryType } from './repository.type.js';

@Resolver(() => RepositoryType)
export class RepositoryResolver {
  constructor(
    private readonly queries: RepositoryQueries,
    private readonly create: CreateRepository,
  ) {}

  @Mutation(() => RepositoryType, { description: 'Makes an empty Git repository in a project; push to its cloneUrl to fill it.' })
  @Can('repository.create', { project: 'project' })
  async createRepository(
    @Ctx() context: GraphContext,
    @Arg('project', () => String, { description: 'Name of the project.' }) project: string,
    @Arg('name', () => String, { description: 'Unique in the project: lower-case letters, digits and dashes.' }) name: string,
  ): Promise<RepositoryType | null> {
    return this.queries.repository(context, await this.create(project, name, actorOf(context).userId));
  }

  @FieldResolver(() => String, {
    description: 'Address for git clone, and for git push to a hosted repository, with a token as the password.',
  })
  cloneUrl(@Root() repository: RepositoryType, @Ctx() context: GraphContext): string {
    return `${context.origin}/git/${repository.projectName}/${repository.name}.git`;
  }
}
