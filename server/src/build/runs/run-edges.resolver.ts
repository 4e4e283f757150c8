import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import type { UserQueries, UserView } from '../../people/access/user.queries.js';
import { UserType } from '../../people/access/user.type.js';
import type { ProjectQueries, ProjectView } from '../../people/projects/project.queries.js';
import { ProjectType } from '../../people/projects/project.type.js';
import { type Connection, cursorKey, pageOf } from '../../platform/graphql/connection.js';
import type { GraphContext } from '../../platform/http/context.js';
import type { RunQueries, RunView } from './run.queries.js';
import { RunConnection, RunStateEnum, RunType } from './run.type.js';
import type { RunState } from './run-state.js';

/** Runs as a project shows them. */
@Resolver(() => ProjectType)
export class ProjectRunsResolver {
  constructor(private readonly queries: RunQueries) {}

  @FieldResolver(() => RunConnection, { description: 'Its runs, newest first.' })
  async runs(
    @Root() project: { id: string },
    @Ctx() context: GraphContext,
    @Arg('first', () => Int, { defaultValue: 20 }) first: number,
    @Arg('after', () => String, { nullable: true }) after?: string,
    @Arg('branch', () => String, { nullable: true, description: 'Only of this branch.' }) branch?: string,
    @Arg('state', () => RunStateEnum, { nullable: true, description: 'Only in this state.' }) state?: RunState,
  ): Promise<Connection<RunView>> {
    const before = cursorKey(after);
    const load = (ids: readonly string[]) => this.queries.ofProjects(ids, { branch, state }, first, before);
    const rows = await context.loader(`project.runs ${JSON.stringify([branch, state, first, before])}`, load).load(project.id);
    return pageOf(rows, first, (run) => run.id);
  }

  @FieldResolver(() => RunType, { nullable: true, description: 'Its newest run.' })
  lastRun(@Root() project: { id: string }, @Ctx() context: GraphContext): Promise<RunView | null> {
    return context.loader('project.lastRun', (ids: readonly string[]) => this.queries.lastOfProjects(ids)).load(project.id);
  }
}

/** What a run belongs to and who asked for it. */
@Resolver(() => RunType)
export class RunEdgesResolver {
  constructor(
    private readonly projects: Pick<ProjectQueries, 'load'>,
    private readonly users: Pick<UserQueries, 'load'>,
    private readonly runs: Pick<RunQueries, 'retriedBy'>,
  ) {}

  @FieldResolver(() => ProjectType, { description: 'The project that it belongs to.' })
  project(@Root() run: RunView, @Ctx() context: GraphContext): Promise<ProjectView | null> {
    return this.projects.load(context, run.projectId);
  }

  @FieldResolver(() => UserType, { nullable: true, description: 'Who pushed or asked for it.' })
  triggeredBy(@Root() run: RunView, @Ctx() context: GraphContext): Promise<UserView | null> {
    return this.users.load(context, run.triggeredById);
  }

  @FieldResolver(() => UserType, { nullable: true, description: 'Who last retried one of its jobs; null: nobody.' })
  async retriedBy(@Root() run: RunView, @Ctx() context: GraphContext): Promise<UserView | null> {
    const last = await context.loader('run.retriedBy', (ids: readonly string[]) => this.runs.retriedBy(ids)).load(run.id);
    return this.users.load(context, last?.userId ?? null);
  }
}
