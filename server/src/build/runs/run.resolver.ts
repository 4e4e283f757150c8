import { Arg, Ctx, FieldResolver, Float, ID, Int, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import { Can } from '../../people/access/can.js';
import { DateTime } from '../../platform/graphql/scalars.js';
import { actorOf, type GraphContext } from '../../platform/http/context.js';
import type { LiveReads } from '../../platform/live.js';
import type { RunQueries, RunView } from './run.queries.js';
import { RunType } from './run.type.js';

export type RunResolverDeps = {
  queries: RunQueries;
  live: LiveReads;
  cancelRun(runId: string, userId: string): Promise<void>;
  triggerRun(repositoryId: string, branch: string | null, userId: string): Promise<string>;
  runAgain(runId: string, userId: string): Promise<string>;
};

@Resolver(() => RunType)
export class RunResolver {
  constructor(private readonly deps: RunResolverDeps) {}

  @Query(() => RunType, { nullable: true, description: 'A run by its id.' })
  @Can('project.read', { run: 'id' })
  run(@Arg('id', () => ID) id: string): Promise<RunView | null> {
    return this.deps.queries.byId(id);
  }

  @Query(() => RunType, { nullable: true, description: 'A run by its number in a repository.' })
  @Can('project.read', { project: 'project' })
  runByNumber(
    @Arg('project', () => String, { description: 'Name of the project.' }) project: string,
    @Arg('repository', () => String, { description: 'Name of the repository.' }) repository: string,
    @Arg('number', () => Int, { description: 'Number of the run.' }) number: number,
  ): Promise<RunView | null> {
    return this.deps.queries.byNumber(project, repository, number);
  }

  @Mutation(() => RunType, { description: 'Starts a run of a branch or tag, with all jobs of its pipeline.' })
  @Can('run.trigger', { repository: 'repositoryId' })
  async triggerRun(
    @Ctx() context: GraphContext,
    @Arg('repositoryId', () => ID) repositoryId: string,
    @Arg('branch', () => String, { nullable: true, description: 'Name of a branch or tag, or a full ref; left out: the default branch.' })
    branch?: string,
  ): Promise<RunView | null> {
    return this.deps.queries.byId(await this.deps.triggerRun(repositoryId, branch ?? null, actorOf(context).userId));
  }

  @Mutation(() => RunType, {
    description:
      'Runs the commit of a finished run again, with the same pipeline, as a new run. It deploys only if its branch or tag still points at that commit.',
  })
  @Can('run.trigger', { run: 'id' })
  async runAgain(@Ctx() context: GraphContext, @Arg('id', () => ID) id: string): Promise<RunView | null> {
    return this.deps.queries.byId(await this.deps.runAgain(id, actorOf(context).userId));
  }

  @Mutation(() => RunType, { description: 'Cancels every job of a run that is not over. Safe to repeat.' })
  @Can('run.cancel', { run: 'id' })
  async cancelRun(@Ctx() context: GraphContext, @Arg('id', () => ID) id: string): Promise<RunView | null> {
    await this.deps.cancelRun(id, actorOf(context).userId);
    return this.deps.queries.byId(id);
  }

  @Subscription(() => RunType, {
    description: 'A run: first as it is now, then again whenever it or its jobs change.',
    subscribe: ({ context, args }) => (context as GraphContext).instanceOf(RunResolver).watch(args.id as string),
  })
  @Can('project.read', { run: 'id' })
  runChanged(@Root() run: RunView, @Arg('id', () => ID) _id: string): RunView {
    return run;
  }

  /** Jobs' changes reach the run too: each move of a job rolls its run up. */
  watch(id: string): AsyncIterableIterator<RunView> {
    return this.deps.live.watch([{ thing: 'run', id }], `run.${id}`, () => this.deps.queries.byId(id));
  }

  @FieldResolver(() => Float, {
    description:
      'Milliseconds during which at least one of its jobs was running, up to the last end of such a stretch. Waiting, including for a retry, does not count, and neither do jobs that were retried.',
  })
  async workedMs(@Root() run: RunView, @Ctx() context: GraphContext): Promise<number> {
    return (await this.workedTime(run, context)).workedMs;
  }

  @FieldResolver(() => DateTime, {
    nullable: true,
    description:
      'Since when at least one of its jobs has been running without a break; this time comes on top of `workedMs`. null: none is running.',
  })
  async workingSince(@Root() run: RunView, @Ctx() context: GraphContext): Promise<Date | null> {
    return (await this.workedTime(run, context)).workingSince;
  }

  private workedTime(run: RunView, context: GraphContext) {
    return context.loader('run.workedTime', (ids: readonly string[]) => this.deps.queries.workedTimes(ids)).load(run.id);
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: 'Median `workedMs` of the last successful runs of its branch; null if there were none.',
  })
  expectedMs(@Root() run: RunView, @Ctx() context: GraphContext): Promise<number | null> {
    return context.loader('run.expectedMs', (ids: readonly string[]) => this.deps.queries.expectedMs(ids)).load(run.id);
  }
}
