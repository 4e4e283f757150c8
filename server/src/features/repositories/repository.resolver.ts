import { Arg, Ctx, FieldResolver, Int, Mutation, Resolver, Root } from 'type-graphql';
import type { Connection } from '../../platform/graphql/connection.js';
import { actorOf, type GraphContext } from '../../platform/http/context.js';
import { Can } from '../access/can.js';
import { BranchConnection, type BranchType } from './branch.type.js';
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

  @FieldResolver(() => String, { description: 'Address for git clone, and for git push to a hosted repository; a token is the password.' })
  cloneUrl(@Root() repository: RepositoryType, @Ctx() context: GraphContext): string {
    return `${context.origin}/git/${repository.projectName}/${repository.name}.git`;
  }

  @FieldResolver(() => BranchConnection, { description: 'Its branches by name.' })
  branches(
    @Root() repository: RepositoryType,
    @Arg('first', () => Int, { defaultValue: 50 }) first: number,
    @Arg('after', () => String, { nullable: true }) after?: string,
  ): Promise<Connection<BranchType>> {
    return this.queries.branches(repository, first, after);
  }
}
