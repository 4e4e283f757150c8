import { Arg, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { Database } from '../../platform/database.js';
import { notFound } from '../../platform/errors.js';
import { type Connection, cursorKey, pageOf } from '../../platform/graphql/connection.js';
import { actorOf, type GraphContext } from '../../platform/http/context.js';
import type { Access } from '../access/access.js';
import { Can } from '../access/can.js';
import { createProject } from './create-project.js';
import type { ProjectQueries, ProjectView } from './project.queries.js';
import { ProjectConnection, ProjectType } from './project.type.js';
import type { ProjectActivity, ProjectActivityFeed } from './project-activity.js';
import { ProjectActivityType } from './project-activity.type.js';

@Resolver(() => ProjectType)
export class ProjectResolver {
  constructor(
    private readonly database: Database,
    private readonly queries: ProjectQueries,
    private readonly access: Access,
    private readonly activity: ProjectActivityFeed,
  ) {}

  @Query(() => ProjectConnection, { description: 'The projects that you may see, by name.' })
  @Can('project.read')
  async projects(
    @Ctx() context: GraphContext,
    @Arg('first', () => Int, { defaultValue: 50, description: '1 to 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the last entry of the previous page.' }) after?: string,
  ): Promise<Connection<ProjectView>> {
    const visible = await this.access.visibleProjects(actorOf(context));
    return pageOf(await this.queries.page(visible, first, cursorKey(after)), first, (project) => project.name);
  }

  @Query(() => ProjectType, { nullable: true, description: 'A project by its name, or its id.' })
  @Can('project.read', { project: 'name' })
  project(@Arg('name', () => String, { description: 'Its name.' }) name: string): Promise<ProjectView | null> {
    return this.queries.byNameOrId(name);
  }

  @FieldResolver(() => [String], {
    description: 'Your permissions in it, by the names that refusals use, e.g. run.trigger or deployment.create.',
  })
  permissions(@Root() project: ProjectView, @Ctx() context: GraphContext): Promise<string[]> {
    const actor = actorOf(context);
    return context.loader('project.permissions', (ids: readonly string[]) => this.access.permissionsWithin(actor, ids)).load(project.id);
  }

  @Mutation(() => ProjectType, { description: 'Makes an empty project, which you administer.' })
  @Can('project.create')
  async createProject(
    @Ctx() context: GraphContext,
    @Arg('name', () => String, { description: '1 to 64 lower-case letters, digits and hyphens.' }) name: string,
  ): Promise<ProjectView | null> {
    return this.queries.byId(await createProject(this.database, { name, ownerId: actorOf(context).userId }));
  }

  @Subscription(() => ProjectActivityType, {
    description: 'A project, or every project that you may see: first as it is now, then again whenever something in it changes.',
    subscribe: ({ context, args }) =>
      (context as GraphContext).instanceOf(ProjectResolver).watch(context as GraphContext, args.project as string | null),
  })
  @Can('project.read', { project: 'project?' })
  projectActivity(
    @Root() activity: ProjectActivity,
    @Arg('project', () => String, { nullable: true, description: 'Its name; left out: every project that you may see.' }) _project?: string,
  ): ProjectActivity {
    return activity;
  }

  async watch(context: GraphContext, name: string | null | undefined): Promise<AsyncIterableIterator<ProjectActivity>> {
    if (!name) return this.activity.all(actorOf(context));
    const project = await this.queries.byNameOrId(name);
    if (!project) throw notFound('project', name);
    return this.activity.one(project.id);
  }
}
