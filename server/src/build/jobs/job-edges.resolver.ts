import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphContext } from '../../platform/http/context.js';
import type { AgentQueries, AgentView } from '../agents/agent.queries.js';
import { AgentType } from '../agents/agent.type.js';
import type { RunQueries, RunView } from '../runs/run.queries.js';
import { RunType } from '../runs/run.type.js';
import type { AttemptView, JobQueries, JobView } from './job.queries.js';
import { AttemptType, JobType } from './job.type.js';

/** What a job belongs to, and who runs it. */
@Resolver(() => JobType)
export class JobEdgesResolver {
  constructor(private readonly deps: { jobs: JobQueries; runs: RunQueries; agents: AgentQueries }) {}

  @FieldResolver(() => RunType, { description: 'The run that it is part of.' })
  run(@Root() job: JobView, @Ctx() context: GraphContext): Promise<RunView | null> {
    return context.loader('run', (ids: readonly string[]) => this.deps.runs.byIds(ids)).load(job.runId);
  }

  @FieldResolver(() => AgentType, { nullable: true, description: 'The agent of its newest attempt.' })
  async agent(@Root() job: JobView, @Ctx() context: GraphContext): Promise<AgentView | null> {
    return this.deps.agents.load(context, (await this.newestAttempt(job, context))?.agentId ?? null);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'sandboxed or unsandboxed: how its agent runs jobs; null before it ran.',
  })
  async sandbox(@Root() job: JobView, @Ctx() context: GraphContext): Promise<string | null> {
    const agent = await this.agent(job, context);
    return (agent?.sandbox as { mode?: string } | null)?.mode ?? null;
  }

  private async newestAttempt(job: JobView, context: GraphContext): Promise<AttemptView | undefined> {
    return (await context.loader('job.attempts', (ids: readonly string[]) => this.deps.jobs.attempts(ids)).load(job.id)).at(-1);
  }
}

@Resolver(() => AttemptType)
export class AttemptEdgesResolver {
  constructor(private readonly agents: AgentQueries) {}

  @FieldResolver(() => AgentType, { nullable: true, description: 'The agent that it was offered to.' })
  agent(@Root() attempt: AttemptView, @Ctx() context: GraphContext): Promise<AgentView | null> {
    return this.agents.load(context, attempt.agentId);
  }
}

/** Jobs as a run shows them. */
@Resolver(() => RunType)
export class RunJobsResolver {
  constructor(private readonly jobs: JobQueries) {}

  @FieldResolver(() => [JobType], { name: 'jobs', description: 'Its jobs in the order of the pipeline; of a retried job only the newest.' })
  ofRun(@Root() run: RunView, @Ctx() context: GraphContext): Promise<JobView[]> {
    return context.loader('run.jobs', (ids: readonly string[]) => this.jobs.ofRuns(ids)).load(run.id);
  }

  @FieldResolver(() => [JobType], { description: 'Its jobs that were retried, so that a newer one stands in their place; newest first.' })
  retriedJobs(@Root() run: RunView, @Ctx() context: GraphContext): Promise<JobView[]> {
    return context.loader('run.retriedJobs', (ids: readonly string[]) => this.jobs.retriedOfRuns(ids)).load(run.id);
  }
}
